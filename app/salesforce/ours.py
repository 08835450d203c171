"""The custom fields that we ask an org to have."""

from collections.abc import Mapping
from typing import Final

from streams.domain.command import SObject
from streams.mapping.row import ACCOUNT_KEY, CONTACT_KEY, OPPORTUNITY_KEY

KEYS: Final[Mapping[SObject, str]] = {
    SObject.ACCOUNT: ACCOUNT_KEY,
    SObject.CONTACT: CONTACT_KEY,
    SObject.OPPORTUNITY: OPPORTUNITY_KEY,
}
"""Unique external ids: without its key nothing of an object can be written."""

FIELDS: Final[Mapping[SObject, tuple[str, ...]]] = {
    SObject.ACCOUNT: (
        "FreshBooks_Email__c",
        "FreshBooks_Payment_Status__c",
        "FreshBooks_Outstanding__c",
        "FreshBooks_Paid__c",
        "FreshBooks_Open_Invoices__c",
        "FreshBooks_Last_Payment__c",
    ),
    SObject.CONTACT: (),
    SObject.OPPORTUNITY: (
        "FreshBooks_Invoice_Number__c",
        "FreshBooks_Due_Date__c",
        "FreshBooks_Outstanding__c",
        "FreshBooks_Payment_Status__c",
        "FreshBooks_Currency__c",
        "FreshBooks_Paid_Date__c",
    ),
}
"""Fields that rows are written without where the org lacks them."""
