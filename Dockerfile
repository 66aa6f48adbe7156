# One image for web and workers. It could not be built where it was written (no Docker engine): see docs/deployment.md.
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 EARWITNESS_DATA_DIR=/data
WORKDIR /app
COPY requirements.txt requirements-nodeps.txt ./
# PIP_ARGS: for example an index with the CPU build of torch; the default build brings CUDA.
ARG PIP_ARGS=""
RUN pip install ${PIP_ARGS} -r requirements.txt \
 && pip install --no-deps -r requirements-nodeps.txt
COPY manage.py ./
COPY studyapp studyapp
COPY detector detector
COPY templates templates
COPY static static
RUN useradd --create-home earwitness && mkdir /data && chown earwitness /data
USER earwitness
EXPOSE 8000
CMD ["gunicorn", "studyapp.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--keep-alive", "30", "--no-control-socket"]
