# Two stages: what is needed to build stays in the first. The steps are make's own, so they are tried at every build.
FROM python:3.11-slim-bookworm AS builder
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/tendwell
COPY Makefile requirements.lock ./
RUN make install
COPY console console
RUN make console
# The embedded PostgreSQL and Node.js are for a person's own machine.
RUN make uninstall-local

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tendwell \
    && install --directory --owner=tendwell /var/lib/tendwell/checkpoints
WORKDIR /srv/tendwell
COPY --from=builder /srv/tendwell/.venv .venv
COPY --from=builder /srv/tendwell/console/dist console/dist
COPY api api
COPY domain domain
COPY integrations integrations
COPY migrations migrations
COPY LICENSE ./
ENV PATH=/srv/tendwell/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TENDWELL_LOG_FORMAT=json
USER 10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=3)"]
ENTRYPOINT ["python", "-m", "api"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
