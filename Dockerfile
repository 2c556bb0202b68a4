# syntax=docker/dockerfile:1
# Debian, not Alpine: the native core of the Temporal SDK is linked against glibc.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json vite.pages.config.ts ./
COPY src ./src
COPY scripts ./scripts
RUN npm run build

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# One layer, so that what is removed takes no room: the SDK ships its core for five platforms, some 27 MB each.
RUN npm ci --omit=dev --ignore-scripts \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} + \
  && npm cache clean --force
COPY --from=build /app/dist ./dist
USER node
# No HEALTHCHECK: HTTP_ADDRESS is not set by default, and a dead process ends the container by itself.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
