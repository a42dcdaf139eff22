# healthactors as one static binary: no shell, no package manager, no root, and nothing but the journal is written.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
# With the repository's history in the build context, Go records version and commit itself.
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -buildvcs=auto -ldflags '-s -w' -o /out/healthactors ./cmd/healthactors \
    && mkdir -p /out/journal

FROM scratch
LABEL org.opencontainers.image.title="healthactors" \
      org.opencontainers.image.description="Watches game containers and publishes their health events to Kafka" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/healthactors /healthactors
COPY --from=build --chown=65532:65532 /out/journal /var/lib/healthactors
USER 65532:65532
# A new volume takes its owner over from the directory above.
VOLUME /var/lib/healthactors
WORKDIR /var/lib/healthactors
ENV HOME=/var/lib/healthactors \
    HEALTHACTORS_HTTP=0.0.0.0:8080 \
    HEALTHACTORS_JOURNAL=sqlite:/var/lib/healthactors/healthactors.db
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/healthactors", "probe"]
ENTRYPOINT ["/healthactors"]
CMD ["run"]
