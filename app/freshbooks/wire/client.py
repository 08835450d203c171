"""FreshBooks' client (facts, 4.1)."""

from pydantic import AliasChoices, Field

from app.freshbooks.wire.fields import Identifier, MaybeMoment, Shown, Text, Wire
from streams.domain.identity import ObjectId
from streams.domain.snapshot import Address, Client, Visibility


class WireClient(Wire):
    """A client as sent."""

    id: Identifier = Field(validation_alias=AliasChoices("id", "userid"))
    organization: Text = ""
    fname: Text = ""
    lname: Text = ""
    email: Text = ""
    bus_phone: Text = ""
    mob_phone: Text = ""
    home_phone: Text = ""
    fax: Text = ""
    p_street: Text = ""
    p_street2: Text = ""
    p_city: Text = ""
    p_province: Text = ""
    p_code: Text = ""
    p_country: Text = ""
    s_street: Text = ""
    s_street2: Text = ""
    s_city: Text = ""
    s_province: Text = ""
    s_code: Text = ""
    s_country: Text = ""
    currency_code: Text = ""
    note: Text = ""
    vis_state: Shown = Visibility.ACTIVE
    updated: MaybeMoment = None

    def snapshot(self) -> Client:
        """Return our client."""
        return Client(
            id=ObjectId(self.id),
            organization=self.organization,
            first_name=self.fname,
            last_name=self.lname,
            email=self.email,
            business_phone=self.bus_phone,
            mobile_phone=self.mob_phone,
            home_phone=self.home_phone,
            fax=self.fax,
            billing=self._billing(),
            shipping=self._shipping(),
            currency=self.currency_code.upper() or None,
            note=self.note,
            visibility=self.vis_state,
            more=self.more(),
        )

    def _billing(self) -> Address:
        return Address(
            street=self.p_street,
            street2=self.p_street2,
            city=self.p_city,
            province=self.p_province,
            postal_code=self.p_code,
            country=self.p_country,
        )

    def _shipping(self) -> Address:
        return Address(
            street=self.s_street,
            street2=self.s_street2,
            city=self.s_city,
            province=self.s_province,
            postal_code=self.s_code,
            country=self.s_country,
        )
