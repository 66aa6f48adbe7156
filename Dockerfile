# One image for web, workers, migration and backup. It could not be built where it was written: see docs/deployment.md.
# The base is pinned by version. To pin it by digest too, give one: --build-arg BASE=python:3.11.15-slim-trixie@sha256:...
ARG BASE=python:3.11.15-slim-trixie

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt requirements-nodeps.txt requirements-pdf.txt ./
# PIP_ARGS: for example an index with the CPU build of torch; the default build brings CUDA.
ARG PIP_ARGS=""
RUN /venv/bin/pip install ${PIP_ARGS} -r requirements.txt \
 && /venv/bin/pip install --no-deps -r requirements-nodeps.txt \
 && /venv/bin/pip install -r requirements-pdf.txt

FROM ${BASE}
# pg_dump for backups: Debian 13 has version 17, as the database of docker-compose.yml. An older one would refuse it.
# Pango and a font: for reports as PDF.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-17 libpango-1.0-0 libpangoft2-1.0-0 fonts-liberation \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home earwitness \
 && install -d -o earwitness -g earwitness -m 0750 /data /backups
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EARWITNESS_DATA_DIR=/data
WORKDIR /app
COPY manage.py LICENSE ./
COPY studyapp studyapp
COPY detector detector
COPY templates templates
COPY static static
COPY docs/examples docs/examples
# The root file system may be read-only: compile now what could not be written then.
RUN python -m compileall -q manage.py studyapp detector
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "--config", "python:studyapp.gunicorn_conf", "--bind", "0.0.0.0:8000"]
