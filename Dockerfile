# One image for every process of ours: api, worker and migrations differ only in their command.
FROM node:20.19-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# With the optional packages: the compiler that bundles the workflows is one of them.
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY types ./types
COPY src ./src
COPY clients ./clients
COPY console ./console
# Compiles, and bundles the workflows and the console: every worker runs exactly this bundle, and starts seconds earlier.
RUN node scripts/build.mjs

FROM node:20.19-bookworm-slim AS production-dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: @swc/core's would fetch @swc/wasm, which the lock file does not know, in place of the native
# compiler left out here. Nothing compiles in the image, and nothing else that runs in it needs an install script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:20.19-bookworm-slim
# The worker's native core checks certificates with the system's.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production WORKFLOW_BUNDLE_PATH=/app/dist/workflow-bundle.js
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY migrations ./migrations
USER node
# `dist/workers/main.js` and `dist/adapters/postgres/migrate-main.js` are the other two.
CMD ["node", "--enable-source-maps", "dist/api/main.js"]
