# One image for every process of ours: api, worker and migrations differ only in their command.
FROM node:20.19-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL is for one machine only.
RUN npm ci --omit=optional --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY types ./types
COPY src ./src
# Compiles, and bundles the workflows: every worker runs exactly this bundle, and starts seconds earlier.
RUN node scripts/build.mjs

FROM node:20.19-bookworm-slim AS production-dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:20.19-bookworm-slim
# The worker's native core checks certificates with the system's.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps WORKFLOW_BUNDLE_PATH=/app/dist/workflow-bundle.js
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY migrations ./migrations
USER node
# `dist/workers/main.js` and `dist/adapters/postgres/migrate-main.js` are the other two.
CMD ["node", "dist/api/main.js"]
