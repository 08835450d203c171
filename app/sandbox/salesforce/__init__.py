"""A simulated Salesforce org: OAuth, the REST API, describe, SOQL and its people, over real HTTP.

Written from the vendor's documentation and recorded answers alone; it shares no code with our own client.
"""

from app.sandbox.salesforce.application import application
from app.sandbox.salesforce.backstage import Backstage
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce

__all__ = ["Backstage", "Org", "Profile", "RunningSalesforce", "application", "running_salesforce"]
