"""Who the user of a token is, as OpenID's userinfo tells it: a choice of its keys."""

from http import HTTPStatus

from app.sandbox.salesforce.auth import LOGIN_HOST, Said
from app.sandbox.salesforce.org import Org


def userinfo(org: Org, authorization: str) -> Said:
    """Answer who asks; a token that is none gets 403 with a word, as recorded of the real host."""
    session = org.sessions.peek(authorization.partition(" ")[2])
    if session is None:
        return HTTPStatus.FORBIDDEN, {"error": "Bad_OAuth_Token"}
    user = org.tables["User"].rows[session.user_id]
    return HTTPStatus.OK, {
        "sub": f"{LOGIN_HOST}/id/{org.users.organization}/{session.user_id}",
        "user_id": session.user_id, "organization_id": org.users.organization,
        "preferred_username": user["Username"], "name": user["Name"], "email": user["Email"],
        "email_verified": True, "active": user["IsActive"], "user_type": "STANDARD",
    }  # fmt: skip
