{{/*
Combinations of values that cannot work, all of them at once. values.schema.json looks at each value alone.

Invariant: no message repeats a value that may hold a secret.
*/}}

{{/* Whether a URL, or one of several after commas, has a password, or with `user` a user. */}}
{{- define "vnf-migrator.hasCredentials" -}}
{{- $pattern := ternary "^[a-z]+://[^/@]*@" "^[a-z]+://[^/@]*:[^/@]*@" .user -}}
{{- range splitList "," .url -}}
{{- if regexMatch $pattern (trim .) }}yes{{ end -}}
{{- end -}}
{{- end -}}

{{- define "vnf-migrator.refuseProblems" -}}
{{- $problems := concat
  (include "vnf-migrator.problems.temporal" . | fromJsonArray)
  (include "vnf-migrator.problems.mano" . | fromJsonArray)
  (include "vnf-migrator.problems.workers" . | fromJsonArray)
  (include "vnf-migrator.problems.console" . | fromJsonArray)
  (include "vnf-migrator.problems.others" . | fromJsonArray) -}}
{{- if $problems -}}
{{- fail (printf "\nThe values are wrong:\n  %s\n" (join "\n  " $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "vnf-migrator.problems.temporal" -}}
{{- $found := list -}}
{{- with .Values.temporal -}}
{{- if not .address -}}
{{- $found = append $found "temporal.address: needed, such as temporal-frontend.temporal:7233" -}}
{{- end -}}
{{- if and .tls.secretName (not .tls.enabled) -}}
{{- $found = append $found "temporal.tls.secretName: expected temporal.tls.enabled: true with it" -}}
{{- end -}}
{{- if ne (empty .tls.certKey) (empty .tls.keyKey) -}}
{{- $found = append $found "temporal.tls: expected certKey and keyKey, or neither" -}}
{{- end -}}
{{- if and (or .tls.caKey .tls.certKey .tls.keyKey) (not .tls.secretName) -}}
{{- $found = append $found "temporal.tls.secretName: needed where temporal.tls names keys of it" -}}
{{- end -}}
{{- if and .tls.secretName (not (or .tls.caKey .tls.certKey)) -}}
{{- $found = append $found "temporal.tls: expected caKey, or certKey and keyKey, of the Secret in temporal.tls.secretName" -}}
{{- end -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{- define "vnf-migrator.problems.mano" -}}
{{- $found := list -}}
{{- $hasGatekeeper := or .Values.gatekeeper.url .Values.gatekeeper.urlSecret.name -}}
{{- with .Values.amqp -}}
{{- if not (or .url $hasGatekeeper) -}}
{{- $found = append $found "amqp.url: needed, such as amqp://vnf-migrator@rabbitmq:5672; or gatekeeper.url" -}}
{{- end -}}
{{- if include "vnf-migrator.hasCredentials" (dict "url" .url "user" false) -}}
{{- $found = append $found "amqp.url: it has a password, which would stand in the Deployment: leave it out, put it into a Secret, and name that in amqp.passwordSecret.name" -}}
{{- end -}}
{{- if and .passwordSecret.name .url (not (include "vnf-migrator.hasCredentials" (dict "url" .url "user" true))) -}}
{{- $found = append $found "amqp.url: expected the user whose password is in amqp.passwordSecret" -}}
{{- end -}}
{{- if and .tls.secretName .url (not (hasPrefix "amqps://" .url)) -}}
{{- $found = append $found "amqp.tls: without TLS it is of no use: expected an amqp.url with amqps://" -}}
{{- end -}}
{{- if ne (empty .tls.certKey) (empty .tls.keyKey) -}}
{{- $found = append $found "amqp.tls: expected certKey and keyKey, or neither" -}}
{{- end -}}
{{- if and (or .tls.caKey .tls.certKey .tls.keyKey) (not .tls.secretName) -}}
{{- $found = append $found "amqp.tls.secretName: needed where amqp.tls names keys of it" -}}
{{- end -}}
{{- if and .tls.secretName (not (or .tls.caKey .tls.certKey)) -}}
{{- $found = append $found "amqp.tls: expected caKey, or certKey and keyKey, of the Secret in amqp.tls.secretName" -}}
{{- end -}}
{{- end -}}
{{- range $name, $at := dict "repository" .Values.repository "gatekeeper" .Values.gatekeeper -}}
{{- if and $at.url $at.urlSecret.name -}}
{{- $found = append $found (printf "%s: expected url or urlSecret, not both" $name) -}}
{{- end -}}
{{- if include "vnf-migrator.hasCredentials" (dict "url" $at.url "user" true) -}}
{{- $found = append $found (printf "%s.url: it has credentials, which would stand in the Deployment: put the URL into a Secret, and name that in %s.urlSecret.name" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.gatekeeper.callback.enabled (not $hasGatekeeper) -}}
{{- $found = append $found "gatekeeper.url: needed where gatekeeper.callback is enabled" -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{- define "vnf-migrator.problems.workers" -}}
{{- $found := list -}}
{{- $ids := list -}}
{{- $names := list -}}
{{- range .Values.worker.builds -}}
{{- $name := include "vnf-migrator.buildName" .id -}}
{{- if has $name $names -}}
{{- $found = append $found (printf "worker.builds: the build %s would have the name of another one: each needs a name of its own" .id) -}}
{{- end -}}
{{- $ids = append $ids .id -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- with .Values.worker.currentBuild -}}
{{- if not (has . $ids) -}}
{{- $found = append $found (printf "worker.currentBuild: expected a build of worker.builds, and %s is none" .) -}}
{{- end -}}
{{- end -}}
{{- with .Values.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- $found = append $found "autoscaling: expected a maxReplicas that is not below minReplicas" -}}
{{- end -}}
{{- $temporal := $.Values.temporal -}}
{{- if and .enabled $temporal.configSecret.name -}}
{{- $found = append $found "autoscaling: KEDA does not read temporal.configSecret: expected temporal.tls or temporal.apiKeySecret in its place" -}}
{{- end -}}
{{- if and .enabled $temporal.tls.enabled (not (or $temporal.tls.certKey $temporal.apiKeySecret.name)) -}}
{{- $found = append $found "autoscaling: KEDA uses TLS with a client certificate or an API key alone: expected temporal.tls.certKey or temporal.apiKeySecret.name" -}}
{{- end -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{- define "vnf-migrator.problems.console" -}}
{{- $found := list -}}
{{- with .Values.console -}}
{{- if and .enabled (not (or .tokensSecret.name .proxy.addresses)) -}}
{{- $found = append $found "console: expected a login, as tokensSecret.name or proxy.addresses: without one it listens on loopback alone" -}}
{{- end -}}
{{- if ne (empty .proxy.addresses) (empty .proxy.actorHeader) -}}
{{- $found = append $found "console.proxy: expected addresses and actorHeader, or neither" -}}
{{- end -}}
{{- if and .ingress.enabled (not .enabled) -}}
{{- $found = append $found "console.ingress: expected console.enabled: true with it" -}}
{{- end -}}
{{- if and .ingress.enabled (not .ingress.host) -}}
{{- $found = append $found "console.ingress.host: needed, such as console.example" -}}
{{- end -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{- define "vnf-migrator.problems.others" -}}
{{- $found := list -}}
{{- $egress := .Values.networkPolicy.egress -}}
{{- if and .Values.networkPolicy.enabled $egress.enabled -}}
{{- range $name := list "repository" "gatekeeper" -}}
{{- if and (index $.Values $name "urlSecret" "name") (not (index $egress $name "ports")) -}}
{{- $found = append $found (printf "networkPolicy.egress.%s.ports: needed, because the URL is in a Secret" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled $egress.enabled (not $egress.otlp.ports) (not $egress.extra) -}}
{{- range .Values.extraEnv -}}
{{- if regexMatch "^OTEL_EXPORTER_OTLP(_TRACES)?_ENDPOINT$" .name -}}
{{- $found = append $found "networkPolicy.egress.otlp.ports: needed where extraEnv names a collector" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.monitoring.prometheusRule.enabled (not (.Files.Get "files/alerts.yaml")) -}}
{{- $found = append $found "monitoring.prometheusRule: this copy of the chart has no files/alerts.yaml" -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}
