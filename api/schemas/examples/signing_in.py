"""Examples: signing in, its second steps, passkeys, sessions. The tokens and codes are words; real ones are random."""

from __future__ import annotations

from api.schemas.examples.accounts import ME
from api.schemas.examples.cast import ASHA, Shown, page

_WAITING = "the-sign-in-token-of-the-answer-before"
_REFRESHING = "the-newest-refresh-token-good-for-one-use"
_DEVICE = "a-device-token-to-keep-and-send-at-the-next-sign-in"
_CREDENTIAL_ID = "the-id-of-a-passkey"
_CLIENT_DATA = "what-the-browser-says-of-the-ceremony"
_CREDENTIAL: Shown = {
    "id": _CREDENTIAL_ID,
    "rawId": _CREDENTIAL_ID,
    "type": "public-key",
    "authenticatorAttachment": "platform",
    "clientExtensionResults": {},
}
_PASSKEY: Shown = {
    "id": "00000000-0000-7000-8000-000000000035",
    "name": "My tablet",
    "made_at": "2026-11-02T18:20:00Z",
    "last_used_at": "2026-11-23T07:58:12Z",
    "backed_up": True,
}

EXAMPLES: dict[str, Shown] = {
    "SignInIn": {
        "email": "asha.nair@riverside.example",
        "password": "otter kettle granite violin",
        "device": "web",
        "device_token": _DEVICE,
    },
    "SignInStepOut": {
        "state": "second_factor_required",
        "sign_in_token": _WAITING,
        "methods": ["passkey", "totp", "recovery_code"],
        "expires_in": 300,
    },
    "SecondFactorIn": {"sign_in_token": _WAITING, "code": "492 039"},
    "SignInTokenIn": {"sign_in_token": _WAITING},
    "FirstPasswordIn": {"sign_in_token": _WAITING, "new_password": "otter kettle granite violin"},
    "TokensOut": {
        "access_token": "the-access-token-sent-with-every-request",
        "token_type": "Bearer",
        "expires_in": 600,
        "refresh_token": _REFRESHING,
        "device_token": _DEVICE,
        "session_expires_in": 43200,
        "session_idle_limit": 1800,
        "account": ME,
    },
    "RefreshIn": {"refresh_token": _REFRESHING},
    "StandingIn": {"refresh_token": _REFRESHING},
    "MeOut": ME,
    "OwnSessionPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000036",
            "kind": "web",
            "device": "Firefox on Windows",
            "started_at": "2026-11-23T07:58:12Z",
            "last_seen_at": "2026-11-23T09:14:00Z",
            "expires_at": "2026-11-23T19:58:12Z",
            "current": True,
        }
    ),
    "SignInMethodList": {
        "items": [
            {"method": "identity_provider", "name": "NHS login"},
            {"method": "password", "name": "Email address and password"},
        ]
    },
    "ProviderOptionsIn": {"device": "app", "device_id": "an-id-this-installation-keeps"},
    "ProviderOptionsOut": {
        "address": "https://provider.example/authorize?client_id=tendwell&response_type=code",
        "secret": "a-secret-to-keep-until-they-come-back",
        "expires_in": 600,
    },
    "ProviderSignInIn": {
        "state": "the-state-of-the-address-they-came-back-to",
        "secret": "a-secret-to-keep-until-they-come-back",
        "code": "the-code-of-the-address-they-came-back-to",
        "iss": "https://provider.example",
    },
    "ForgottenIn": {"email": "rose.hartley@post.example"},
    "PasswordResetIn": {
        "token": "a-token-as-it-stands-in-the-letters-link",
        "new_password": "otter kettle granite violin",
    },
    "AskedOut": {
        "detail": "If this address has an account, a letter with a link is on its way. It is good for 30 minutes."
    },
    "PasswordChangeIn": {
        "current_password": "otter kettle granite violin",
        "new_password": "lantern walnut saddle pepper",
    },
    "PasswordChangedOut": {"device_token": _DEVICE},
    "ConfirmationIn": {"password": "otter kettle granite violin"},
    "CodeIn": {"code": "492039"},
    "TotpOut": {
        "secret": "ANAUTHENTICATORAPPSSECRETINBASEE",
        "otpauth_uri": "otpauth://totp/Tendwell:asha.nair%40riverside.example"
        "?secret=ANAUTHENTICATORAPPSSECRETINBASEE&issuer=Tendwell",
    },
    "FactorsOut": {"totp_since": "2026-04-01T09:00:00Z", "recovery_codes_left": 9, "required": True},
    "RecoveryCodesOut": {
        "codes": [f"{first}XMP-1E00-0000-0000-0000-0000-0000" for first in "0123456789"],
    },
    "PasskeyIn": {
        "name": "My tablet",
        "credential": {
            **_CREDENTIAL,
            "response": {
                "clientDataJSON": _CLIENT_DATA,
                "attestationObject": "what-the-authenticator-says-of-the-new-passkey",
                "transports": ["internal"],
            },
        },
    },
    "PasskeyNameIn": {"name": "My phone"},
    "PasskeyOptionsIn": {"sign_in_token": _WAITING},
    "PasskeySignInIn": {
        "device": "web",
        "credential": {
            **_CREDENTIAL,
            "response": {
                "clientDataJSON": _CLIENT_DATA,
                "authenticatorData": "what-the-authenticator-says-of-itself",
                "signature": "the-signature-of-both",
                "userHandle": "the-handle-of-the-account",
            },
        },
    },
    "PasskeyOptionsOut": {
        "public_key": {
            "rp": {"name": "Tendwell", "id": "tendwell.example"},
            "user": {"id": "the-handle-of-the-account", "name": "asha.nair@riverside.example", "displayName": ASHA},
            "challenge": "the-challenge-good-for-five-minutes",
            "pubKeyCredParams": [{"type": "public-key", "alg": -8}, {"type": "public-key", "alg": -7}],
            "timeout": 300000,
            "excludeCredentials": [],
            "authenticatorSelection": {
                "residentKey": "preferred",
                "requireResidentKey": False,
                "userVerification": "required",
            },
            "attestation": "none",
        }
    },
    "PasskeyOut": _PASSKEY,
    "PasskeyList": {"items": [_PASSKEY]},
}
