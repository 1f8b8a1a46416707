# cnncalc and its three dependencies on Python: no framework, and a user without rights.
#   docker build -t cnncalc .
#   docker run --rm -v "$PWD:/work:ro" cnncalc check
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY cnncalc cnncalc
COPY specs specs
COPY docs/language docs/language
RUN python -m venv /opt/cnncalc && /opt/cnncalc/bin/pip install --no-cache-dir --disable-pip-version-check . \
    && /opt/cnncalc/bin/pip uninstall --yes --quiet pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="cnncalc" \
      org.opencontainers.image.description="Shapes, stride fit, parameters and cost of convolutional networks" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/cnncalc /opt/cnncalc
ENV PATH=/opt/cnncalc/bin:$PATH PYTHONDONTWRITEBYTECODE=1
RUN useradd --no-create-home --uid 10001 cnncalc
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["cnncalc"]
CMD ["--help"]
