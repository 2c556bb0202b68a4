# syntax=docker/dockerfile:1
# The image has Node.js, the libraries that Node.js and the SDK's core are linked against, and vnf-migrator. It has no
# shell, no package manager and no setuid program.
#
# Behind a registry of your own: --secret id=npmrc,src=… and --secret id=ca,src=… (an .npmrc, and the authorities that
# its cafile=/run/secrets/ca.pem names). Both are mounted for `npm ci` only, in stages that the image does not contain.

# Debian, not Alpine: the native core of the SDK is linked against glibc.
FROM node:24.21.0-bookworm-slim AS node
WORKDIR /app

FROM node AS build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca.pem \
  npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json vite.pages.config.ts ./
COPY src ./src
COPY scripts ./scripts
# Types are for callers in TypeScript, who install the package. Source maps are read by debuggers alone.
RUN npm run build && find dist -type f \( -name '*.d.ts' -o -name '*.map' \) -delete

FROM node AS modules
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca.pem \
  npm ci --omit=dev --ignore-scripts
# What no command of ours loads: the SDK's core for four other platforms and its Rust sources, the compiler that builds
# workflow bundles (ours are built above), types, source maps and sources of packages. Licences stay.
RUN cd node_modules \
  && find @temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} + \
  && rm -r @temporalio/core-bridge/sdk-core @swc/core-* \
  && find . -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' \) -delete \
  && rm .package-lock.json

FROM modules AS root
# - The libraries by what the loader reports of Node.js and of native modules, with the status of their packages for scanners,
#   and their licences.
# - The authorities that Node.js has: the SDK's core reads the system's, and node:…-slim has none.
RUN mkdir -p /image/app /image/etc/ssl/certs /image/home/node /image/tmp /image/usr/local/bin \
    /image/usr/share/doc /image/var/lib/dpkg/status.d \
  && ln -s usr/lib /image/lib && ln -s usr/lib64 /image/lib64 \
  && chmod 1777 /image/tmp \
  && cp /usr/local/bin/node /image/usr/local/bin/ \
  && find /usr/local/bin/node node_modules -type f \( -name node -o -name '*.node' \) -exec ldd {} + \
     | grep -o '\s/lib[^ ]*' | sort -u | while read -r library; do \
       mkdir -p "/image/usr$(dirname "$library")" && cp -L "$library" "/image/usr$library"; done \
  && for package in base-files libc6 libgcc-s1 libstdc++6; do \
       dpkg-query --status "$package" > "/image/var/lib/dpkg/status.d/$package" && mkdir "/image/usr/share/doc/$package" \
       && cp -L "/usr/share/doc/$package/copyright" "/image/usr/share/doc/$package/" || exit 1; done \
  && cp /etc/os-release /etc/nsswitch.conf /image/etc/ \
  && echo 'root:x:0:0:root:/:/sbin/nologin' > /image/etc/passwd \
  && echo 'node:x:1000:1000::/home/node:/sbin/nologin' >> /image/etc/passwd \
  && printf 'root:x:0:\nnode:x:1000:\n' > /image/etc/group \
  && node -p 'tls.rootCertificates.join("\n")' > /image/etc/ssl/certs/ca-certificates.crt

FROM scratch
ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="vnf-migrator" \
  org.opencontainers.image.description="Durable migration of virtual network functions between VIMs, through the 5GTANGO/SONATA MANO framework" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}"
ENV NODE_ENV=production HOME=/home/node PATH=/usr/local/bin
WORKDIR /app
COPY --from=root /image/ /
COPY --from=modules /app/node_modules ./node_modules
COPY package.json LICENSE* ./
COPY --from=build /app/dist ./dist
# By number, so that Kubernetes can tell that it is not root.
USER 1000:1000
# No HEALTHCHECK: HTTP_ADDRESS is not set by default, and a dead process ends the container by itself.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
