# syntax=docker/dockerfile:1

# --- build: install, and compile the models once, so that nothing is fetched or compiled later
FROM python:3.11-slim AS build

# torch's CPU build: a tenth of the size of the default one. Empty: whatever pip's own index has.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pincite && /opt/pincite/bin/pip install --upgrade "pip>=26"

WORKDIR /src
COPY . .
RUN /opt/pincite/bin/pip install . --constraint .ci/constraints.txt \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"}

ENV PINCITE_CACHE=/opt/pincite/cache
RUN /opt/pincite/bin/pincite warm

# --- run: no compiler, no sources, no root, no network
FROM python:3.11-slim

RUN useradd --uid 10001 --create-home pincite && install -d -o pincite -g pincite /data
COPY --from=build /opt/pincite /opt/pincite

ENV PATH=/opt/pincite/bin:$PATH \
    PINCITE_DATA=/data \
    PINCITE_CACHE=/opt/pincite/cache \
    HF_HUB_OFFLINE=1

USER pincite
VOLUME /data
EXPOSE 8080

HEALTHCHECK --start-period=20s --interval=15s --timeout=5s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]

# Every address of the container is listened on, so the server wants a key: -e PINCITE_API_KEY=…
ENTRYPOINT ["pincite"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
