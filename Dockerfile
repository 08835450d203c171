# One image for every role; `freshforce run --roles …` decides. No shell tools, no root, nothing to write to.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/freshforce
COPY requirements.lock /src/
RUN /opt/freshforce/bin/pip install --require-hashes -r /src/requirements.lock
COPY pyproject.toml README.md LICENSE /src/
COPY app /src/app
COPY streams /src/streams
RUN /opt/freshforce/bin/pip install --no-deps --no-build-isolation /src

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --home-dir /state --shell /usr/sbin/nologin freshforce \
 && install -d -o freshforce -g freshforce -m 0700 /state
COPY --from=build /opt/freshforce /opt/freshforce
ENV PATH=/opt/freshforce/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FRESHFORCE_HOME=/state \
    FRESHFORCE_LISTEN=0.0.0.0:8080 \
    FRESHFORCE_ADMIN_LISTEN=0.0.0.0:8081
USER 10001:10001
WORKDIR /state
VOLUME /state
EXPOSE 8080
ENTRYPOINT ["freshforce"]
CMD ["run"]
