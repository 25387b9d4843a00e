#!/bin/sh
# The command line of Opwatch beside opwatch.service: docs/deploy.md, "systemd". As root:
#   /opt/opwatch/deploy/opwatch.sh doctor
# It runs with the service's settings and as the service's user, which exists only while something runs as it. As root
# it would leave files in the database's directory that the service can't read.
set -eu
# What `systemctl edit opwatch` changed is in it as well.
environment=$(systemctl show --property=Environment --value opwatch.service)
if [ -z "$environment" ]; then
  echo "opwatch.service is not installed: docs/deploy.md, \"systemd\"." >&2
  exit 3
fi
exec systemd-run --quiet --pipe --wait --collect \
  --property=DynamicUser=yes --property=User=opwatch \
  --property=StateDirectory=opwatch --property=StateDirectoryMode=0700 --property=UMask=0077 \
  --property="Environment=$environment" --property=EnvironmentFile=/etc/opwatch/opwatch.env \
  --property=WorkingDirectory=/opt/opwatch \
  /usr/bin/node bin/opwatch.js "$@"
