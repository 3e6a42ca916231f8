# Both stages need Node.js (`engines` in package.json says which) and npm. A base image of your own can carry what a
# proxy or mirror asks for: certificates, npm settings.
ARG BASE_IMAGE=docker.io/library/node:26-bookworm-slim

FROM ${BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Only for the lock file to be complete: the image brings its own Node.js.
COPY tools/runtime/package.json tools/runtime/
RUN npm ci --omit=dev --workspaces=false

FROM packages AS build
RUN npm ci --workspaces=false
COPY tsconfig.json tsconfig.build.json ./
COPY tools/build.ts tools/
COPY src src
COPY connectors connectors
RUN npm run build

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="feedferry" \
      org.opencontainers.image.description="Carries events from APIs to Kafka, RabbitMQ or SQS, and tells the API done only after the broker has confirmed." \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
# What is freed is given back: with its usual many arenas, the C library keeps it where several threads allocate.
ENV MALLOC_ARENA_MAX=2
# A new volume takes its owner from here.
RUN mkdir /data && chown 65532:65532 /data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
USER 65532:65532
VOLUME /data
EXPOSE 9091
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["node", "/app/dist/src/main.js", "probe"]
# Small young generations, and garbage collected when the heap has grown by half: left to itself, V8 lets it grow by several
# times where the machine has memory to spare.
ENTRYPOINT ["node", "--disable-proto=delete", "--max-semi-space-size=4", "--heap-growing-percent=50", "/app/dist/src/main.js"]
CMD ["run", "-c", "/etc/feedferry/feedferry.yaml"]
