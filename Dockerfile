# The mock alone: docker build -t mockserver . && docker run --rm -p 8089:8089 mockserver
FROM python:3.13-slim

# The bounds are those of pyproject.toml; a test compares them.
RUN pip install --no-cache-dir "httptools>=0.6.4" "trustme>=1.1" "websockets>=13.0"
COPY mockserver /app/mockserver
COPY LICENSE /app/LICENSE

# Nobody needs to be root here; the folder is for the throwaway certificate, to be shared as a volume.
RUN useradd --create-home mock && install -d -o mock /tls
USER mock
WORKDIR /app
VOLUME /tls
EXPOSE 8089

# A connection, and no request: that would stand in the journal.
HEALTHCHECK --interval=2s --timeout=2s --start-period=5s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8089), 1).close()"]
# Others can reach it, so its control API asks for MOCKSERVER_CONTROL_TOKEN; without one it prints what it made up.
ENTRYPOINT ["python", "-m", "mockserver", "--host", "0.0.0.0", "--tls-dir", "/tls"]
