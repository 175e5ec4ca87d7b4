"""`python -m api new-secrets FOLDER`: fresh secrets for a deployment, as files that compose.yaml reads.

The certificate is self-signed for localhost, to try things out: replace it with your own.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from api.exit_codes import ALREADY_THERE, OK
from api.run.first_secrets import new_secret

_HOST = "localhost"
_CERTIFICATE_DAYS = 397
# The database's name in compose.yaml. Its owner migrates; the service's own login is made by `migrate`.
_URL = "postgresql://{login}:{password}@postgres/tendwell"


def main(arguments: list[str]) -> int:
    """Return 0 when the files were made, 3 when the folder holds something already: no secret is ever replaced."""
    parser = argparse.ArgumentParser(prog="python -m api new-secrets", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        print(f"{folder} holds secrets already; they are kept as they are.")
        return ALREADY_THERE
    password = new_secret()
    tls_key, tls_certificate = self_signed_certificate()
    texts = {
        "encryption_key": new_secret(),
        "refresh_secret": new_secret(),
        "cursor_secret": new_secret(),
        "postgres_password": password,
        "owner_database_url": _URL.format(login="tendwell", password=password),
        "database_url": _URL.format(login="tendwell_service", password=new_secret()),
        "tls_key": tls_key,
        "tls_certificate": tls_certificate,
    }
    for name, text in texts.items():
        # The folder keeps this machine's other users out; the containers' own users must be able to read the files.
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(handle, "w") as file:
            file.write(text)
    print(f"Made {', '.join(texts)} in {folder}. Keep copies somewhere safe; they are in no backup of the database.")
    return OK


def self_signed_certificate() -> tuple[str, str]:
    """Return a private key and a certificate for localhost, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=_CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key_pem.decode(), certificate.public_bytes(Encoding.PEM).decode()
