# A release gives it with its digest, see .github/workflows/release.yml.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
FROM ${NODE_IMAGE} AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY protos protos
COPY src src
COPY tsconfig.json tsconfig.build.json ./
RUN npm run build

FROM base AS dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# The back ends and the gRPC client of docker-compose.yml. Not part of the image that is released.
FROM build AS mesh
COPY lab lab
COPY examples/mesh examples/mesh
USER 1000:1000
ENTRYPOINT ["node", "--import", "./lab/ts-hook.mjs"]

FROM base
LABEL org.opencontainers.image.title="Fingerpost" \
      org.opencontainers.image.description="An Envoy xDS control plane for service discovery" \
      org.opencontainers.image.licenses="Apache-2.0"
# The config says how xDS is served there: xds.tls, or xds.insecure: true. The admin port stays on the container's own
# loopback, where the health check finds it.
ENV NODE_ENV=production \
    FINGERPOST_XDS_LISTEN=0.0.0.0:18000
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=build /app/dist dist
# The image's user `node`, by number: Kubernetes can tell then that it is not root.
USER 1000:1000
EXPOSE 18000 18001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "dist/main.js", "health"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve", "--config", "/etc/fingerpost/fingerpost.yaml"]
