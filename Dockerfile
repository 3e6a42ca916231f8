# Any image with Node.js 24 or newer, npm and a shell will do for both stages.
ARG BASE_IMAGE=docker.io/library/node:26-bookworm-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/runtime/package.json tools/runtime/
RUN npm ci --omit=optional
COPY tsconfig.json tsconfig.build.json ./
COPY tools/build.ts tools/
COPY src src
COPY connectors connectors
RUN npm run build && npm prune --omit=dev --omit=optional --workspaces=false

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="feedferry" \
      org.opencontainers.image.description="Carries events from APIs to Kafka, RabbitMQ or SQS, and tells the API done only after the broker has confirmed." \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json /app/LICENSE* ./
COPY --from=build /app/dist dist
RUN mkdir /data && chown 65532:65532 /data
USER 65532:65532
VOLUME /data
EXPOSE 9091
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "/app/dist/src/main.js", "probe"]
ENTRYPOINT ["node", "--disable-proto=delete", "--max-semi-space-size=2", "/app/dist/src/main.js"]
CMD ["run", "-c", "/etc/feedferry/feedferry.yaml"]
