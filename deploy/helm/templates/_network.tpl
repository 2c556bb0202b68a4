{{/* JSON: the ports of URLs, or of host:port. Takes a dict: urls (after commas), and what the schemes have by default. */}}
{{- define "vnf-migrator.ports" -}}
{{- $ports := list -}}
{{- range splitList "," . -}}
{{- $url := trim . -}}
{{- if $url -}}
{{- $scheme := ternary (regexFind "^[a-z]+" $url) "" (contains "://" $url) -}}
{{- $host := regexReplaceAll "^(.*@)?([^/?]*).*$" (regexReplaceAll "^[a-z]+://" $url "") "${2}" -}}
{{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" -}}
{{- $default := get (dict "amqp" "5672" "amqps" "5671" "http" "80" "https" "443" "" "7233") $scheme -}}
{{- $ports = append $ports (default $default $port | atoi) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* A rule for egress. Takes a dict: peers, ports, protocols. Nothing where there are no ports. */}}
{{- define "vnf-migrator.egressRule" -}}
{{- if .ports -}}
- ports:
    {{- range $protocol := default (list "TCP") .protocols }}
    {{- range $.ports }}
    - { protocol: {{ $protocol }}, port: {{ . }} }
    {{- end }}
    {{- end }}
  {{- with .peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* Takes a dict: root, and reaches (names of values of networkPolicy.egress). */}}
{{- define "vnf-migrator.egress" -}}
{{- $values := .root.Values -}}
{{- $egress := $values.networkPolicy.egress -}}
{{- $urls := dict "temporal" $values.temporal.address "broker" $values.amqp.url "repository" $values.repository.url "gatekeeper" $values.gatekeeper.url -}}
{{ include "vnf-migrator.egressRule" (dict "peers" $egress.dns.to "ports" $egress.dns.ports "protocols" (list "UDP" "TCP")) }}
{{- range .reaches }}
{{- $rule := index $egress . -}}
{{- $ports := $rule.ports -}}
{{- if and (not $ports) (hasKey $urls .) -}}
{{- $ports = include "vnf-migrator.ports" (index $urls .) | fromJsonArray -}}
{{- end -}}
{{- with include "vnf-migrator.egressRule" (dict "peers" $rule.to "ports" $ports) }}
{{ . }}
{{- end }}
{{- end }}
{{- with $egress.extra }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Takes a dict: peers, port. */}}
{{- define "vnf-migrator.ingressRule" -}}
- ports:
    - { protocol: TCP, port: {{ .port }} }
  {{- with .peers }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
