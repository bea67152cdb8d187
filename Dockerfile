# The image that the action runs in: one static binary and the CA certificates.
#
# It builds with Docker's classic builder (self-hosted runners, act) as well as
# with BuildKit, so it uses no syntax that only one of them knows.

# The build stage runs on the builder's own platform and cross-compiles, so that
# an image for another platform needs no emulation. BuildKit sets BUILDPLATFORM;
# the classic builder leaves it empty, and "linux" alone means its own platform.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26-alpine AS build

WORKDIR /src

# The modules come before the source, so that a change of the source alone finds
# them in the layer cache.
COPY go.mod go.sum ./
RUN go mod download

COPY *.go ./
COPY internal ./internal

# BuildKit sets both to the platform of the image. Empty, they mean the builder's
# own platform to the go command.
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev

# The runner starts the post stage by another entrypoint with the same arguments;
# the program knows that stage by the name it was started under.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -funcalign=16 -X main.version=$VERSION" -o /image/cursor-agent-action . \
    && ln -s cursor-agent-action /image/cleanup

# No USER and no WORKDIR: the runner mounts the workspace and the command files
# for root, and sets the working folder itself.
# https://docs.github.com/en/actions/reference/workflows-and-actions/dockerfile-support
FROM scratch

ARG VERSION=dev
LABEL org.opencontainers.image.title="cursor-agent-action" \
      org.opencontainers.image.description="Launches Cursor cloud agents from a GitHub workflow, waits for them and hands on their result" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION"

COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /image/ /

ENTRYPOINT ["/cursor-agent-action"]
