# Opwatch in a container: docs/deploy.md. Nothing here needs BuildKit, so that `az acr build` can build it as well.
# The version is the one that package.json pins.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script to run. Source maps and type declarations are 40 % of node_modules, and Node
# reads neither.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:${NODE_VERSION}-slim
# As `npm start` has it: else V8 lets its heap grow by half on large machines.
ENV NODE_ENV=production DATA_DIR=/data NODE_OPTIONS="--max-semi-space-size=16 --max-old-space-size=512"
WORKDIR /app
# All of it stays root's: the bot can read its code and not write it.
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
# The only place it writes to, and only without DATABASE_URL. A new volume takes its owner from here.
RUN install --directory --owner=node --group=node --mode=0700 /data
# Of `node`, by number: Kubernetes can't tell from a name that it is not root.
USER 1000:1000
EXPOSE 3978
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3978}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node"]
CMD ["src/main.ts"]
