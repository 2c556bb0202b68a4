{{/* Names and labels. A name leaves room for what is appended to it: a label has 63 characters at most. */}}

{{- define "vnf-migrator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 30 | trimSuffix "-" -}}
{{- end -}}

{{- define "vnf-migrator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 34 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "vnf-migrator.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 34 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 34 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "vnf-migrator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "vnf-migrator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Of `root`, and of the `component` where there is one. */}}
{{- define "vnf-migrator.selector" -}}
app.kubernetes.io/name: {{ include "vnf-migrator.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .build }}
vnf-migrator/build: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "vnf-migrator.labels" -}}
{{ include "vnf-migrator.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* `tag` and `digest` of a build take precedence over those of the image. */}}
{{- define "vnf-migrator.image" -}}
{{- $image := .root.Values.image -}}
{{- $digest := .digest -}}
{{- $tag := .tag -}}
{{- if not (or $digest $tag) -}}
{{- $digest = $image.digest -}}
{{- $tag = default .root.Chart.AppVersion $image.tag -}}
{{- end -}}
{{- if $digest -}}
{{- printf "%s@%s" $image.repository $digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/* Part of a name: a build id may have dots and underscores, a name of an object may not. */}}
{{- define "vnf-migrator.buildName" -}}
{{- . | lower | replace "." "-" | replace "_" "-" -}}
{{- end -}}

{{- define "vnf-migrator.deploymentName" -}}
{{- default (include "vnf-migrator.fullname" .) .Values.worker.deploymentName -}}
{{- end -}}
