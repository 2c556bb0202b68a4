{{/*
The settings of vnf-migrator as environment, and the Secrets that they name as files.

Invariants: a setting without a value is left out, so that its default is that of the program; a Secret is mounted as a whole
folder, because a file of a subPath is never renewed.
*/}}

{{- define "vnf-migrator.env" -}}
- name: {{ .name }}
  value: {{ .value | toString | quote }}
{{- end -}}

{{- define "vnf-migrator.envFromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name }}
      key: {{ .secret.key }}
{{- end -}}

{{/* What every process needs: Temporal. */}}
{{- define "vnf-migrator.env.temporal" -}}
{{- with .Values.temporal -}}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_ADDRESS" "value" .address) }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_NAMESPACE" "value" .namespace) }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_TASK_QUEUE" "value" .taskQueue) }}
{{- if .tls.enabled }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_TLS" "value" "true") }}
{{- with .tls.serverName }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_TLS_SERVER_NAME" "value" .) }}
{{- end }}
{{- if .tls.caKey }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_TLS_SERVER_CA_CERT_PATH" "value" (printf "/etc/vnf-migrator/temporal-tls/%s" .tls.caKey)) }}
{{- end }}
{{- if .tls.certKey }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_TLS_CLIENT_CERT_PATH" "value" (printf "/etc/vnf-migrator/temporal-tls/%s" .tls.certKey)) }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_TLS_CLIENT_KEY_PATH" "value" (printf "/etc/vnf-migrator/temporal-tls/%s" .tls.keyKey)) }}
{{- end }}
{{- end }}
{{- if .apiKeySecret.name }}
{{ include "vnf-migrator.envFromSecret" (dict "name" "TEMPORAL_API_KEY" "secret" .apiKeySecret) }}
{{- end }}
{{- if .configSecret.name }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_CONFIG_FILE" "value" (printf "/etc/vnf-migrator/temporal-config/%s" .configSecret.key)) }}
{{- with .configSecret.profile }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_PROFILE" "value" .) }}
{{- end }}
{{- end }}
{{- end }}
{{ include "vnf-migrator.env" (dict "name" "LOG_LEVEL" "value" .Values.logLevel) }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What reaches the MANO, and what campaigns need. */}}
{{- define "vnf-migrator.env.mano" -}}
{{- $values := .Values -}}
{{- $env := list -}}
{{- with .Values.deployment }}{{ $env = append $env (dict "name" "DEPLOYMENT" "value" .) }}{{ end -}}
{{- with .Values.amqp -}}
{{- if .url -}}
{{- $env = append $env (dict "name" "AMQP_URL" "value" .url) -}}
{{- $env = append $env (dict "name" "AMQP_EXCHANGE" "value" .exchange) -}}
{{- $env = append $env (dict "name" "AMQP_APP_ID" "value" .appId) -}}
{{- if .manoAppIds -}}
{{- $env = append $env (dict "name" "AMQP_MANO_APP_IDS" "value" (join "," .manoAppIds)) -}}
{{- end -}}
{{- if .passwordSecret.name -}}
{{- $env = append $env (dict "name" "AMQP_PASSWORD_FILE" "value" (printf "/etc/vnf-migrator/amqp-password/%s" .passwordSecret.key)) -}}
{{- end -}}
{{- range $name, $key := dict "AMQP_TLS_CA_FILE" .tls.caKey "AMQP_TLS_CERT_FILE" .tls.certKey "AMQP_TLS_KEY_FILE" .tls.keyKey -}}
{{- if $key }}{{ $env = append $env (dict "name" $name "value" (printf "/etc/vnf-migrator/amqp-tls/%s" $key)) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.repository.url }}{{ $env = append $env (dict "name" "REPOSITORY_URL" "value" .) }}{{ end -}}
{{- with .Values.gatekeeper.url }}{{ $env = append $env (dict "name" "GATEKEEPER_URL" "value" .) }}{{ end -}}
{{- with .Values.gatekeeper.callback -}}
{{- if .enabled -}}
{{- $url := default (printf "http://%s-callback.%s:%d" (include "vnf-migrator.fullname" $) $.Release.Namespace (int .port)) .url -}}
{{- $env = append $env (dict "name" "GATEKEEPER_CALLBACK_URL" "value" $url) -}}
{{- $env = append $env (dict "name" "GATEKEEPER_CALLBACK_ADDRESS" "value" (printf "%s:%d" $values.listenHost (int .port))) -}}
{{- end -}}
{{- end -}}
{{- if .Values.payloadKeysSecret.name -}}
{{- $env = append $env (dict "name" "PAYLOAD_KEYS_FILE" "value" (printf "/etc/vnf-migrator/payload-keys/%s" .Values.payloadKeysSecret.key)) -}}
{{- end -}}
{{- range $env }}
{{ include "vnf-migrator.env" . }}
{{- end }}
{{- if .Values.repository.urlSecret.name }}
{{ include "vnf-migrator.envFromSecret" (dict "name" "REPOSITORY_URL" "secret" .Values.repository.urlSecret) }}
{{- end }}
{{- if .Values.gatekeeper.urlSecret.name }}
{{ include "vnf-migrator.envFromSecret" (dict "name" "GATEKEEPER_URL" "secret" .Values.gatekeeper.urlSecret) }}
{{- end }}
{{- end -}}

{{/* Where health and metrics are served; receivers of notifications. */}}
{{- define "vnf-migrator.env.roles" -}}
{{ include "vnf-migrator.env" (dict "name" "HTTP_ADDRESS" "value" (printf "%s:%d" .Values.listenHost (int .Values.healthPort))) }}
{{- end -}}

{{- define "vnf-migrator.env.notify" -}}
{{- if .Values.notifySecret.name -}}
{{ include "vnf-migrator.env" (dict "name" "NOTIFY_FILE" "value" (printf "/etc/vnf-migrator/notify/%s" .Values.notifySecret.key)) }}
{{- end -}}
{{- end -}}

{{- define "vnf-migrator.env.build" -}}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_DEPLOYMENT_NAME" "value" (include "vnf-migrator.deploymentName" .root)) }}
{{ include "vnf-migrator.env" (dict "name" "TEMPORAL_WORKER_BUILD_ID" "value" .build) }}
{{- end -}}

{{- define "vnf-migrator.env.console" -}}
{{- with .Values.console -}}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_ADDRESS" "value" (printf "%s:%d" $.Values.listenHost (int .port))) }}
{{- if .tokensSecret.name }}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_TOKENS_FILE" "value" (printf "/etc/vnf-migrator/console-tokens/%s" .tokensSecret.key)) }}
{{- end }}
{{- with .proxy.addresses }}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_PROXY_ADDRESSES" "value" (join "," .)) }}
{{- end }}
{{- with .proxy.actorHeader }}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_ACTOR_HEADER" "value" .) }}
{{- end }}
{{- with .proxy.groupsHeader }}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_GROUPS_HEADER" "value" .) }}
{{- end }}
{{- with .proxy.operatorGroup }}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_OPERATOR_GROUP" "value" .) }}
{{- end }}
{{- with .codecOrigins }}
{{ include "vnf-migrator.env" (dict "name" "CONSOLE_CODEC_ORIGINS" "value" (join "," .)) }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* JSON: the Secrets of a group of settings, as a list of {name, secretName, keys}. */}}
{{- define "vnf-migrator.files.temporal" -}}
{{- $files := list -}}
{{- with .Values.temporal -}}
{{- if and .tls.enabled .tls.secretName -}}
{{- $files = append $files (dict "name" "temporal-tls" "secretName" .tls.secretName "keys" (compact (list .tls.caKey .tls.certKey .tls.keyKey))) -}}
{{- end -}}
{{- if .configSecret.name -}}
{{- $files = append $files (dict "name" "temporal-config" "secretName" .configSecret.name "keys" (list .configSecret.key)) -}}
{{- end -}}
{{- end -}}
{{- $files | toJson -}}
{{- end -}}

{{- define "vnf-migrator.files.mano" -}}
{{- $files := list -}}
{{- with .Values.amqp -}}
{{- if .passwordSecret.name -}}
{{- $files = append $files (dict "name" "amqp-password" "secretName" .passwordSecret.name "keys" (list .passwordSecret.key)) -}}
{{- end -}}
{{- if .tls.secretName -}}
{{- $files = append $files (dict "name" "amqp-tls" "secretName" .tls.secretName "keys" (compact (list .tls.caKey .tls.certKey .tls.keyKey))) -}}
{{- end -}}
{{- end -}}
{{- with .Values.payloadKeysSecret -}}
{{- if .name }}{{ $files = append $files (dict "name" "payload-keys" "secretName" .name "keys" (list .key)) }}{{ end -}}
{{- end -}}
{{- $files | toJson -}}
{{- end -}}

{{- define "vnf-migrator.files.notify" -}}
{{- with .Values.notifySecret -}}
{{- if .name -}}
{{- list (dict "name" "notify" "secretName" .name "keys" (list .key)) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "vnf-migrator.files.console" -}}
{{- with .Values.console.tokensSecret -}}
{{- if .name -}}
{{- list (dict "name" "console-tokens" "secretName" .name "keys" (list .key)) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}
{{- end -}}
