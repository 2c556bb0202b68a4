{{/*
A Job of a hook. Takes what the pod takes, and name, hooks, backoffLimit, deadlineSeconds. Before an install there is no
ServiceAccount of the chart, so it runs as `default`, without a token, like all pods here.
*/}}
{{- define "vnf-migrator.hookJob" -}}
{{- $root := .root -}}
{{- $account := ternary "default" (include "vnf-migrator.serviceAccountName" $root) $root.Values.serviceAccount.create -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "vnf-migrator.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hooks }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: {{ .backoffLimit }}
  activeDeadlineSeconds: {{ .deadlineSeconds }}
  template:
    metadata:
      labels:
        {{- with $root.Values.pod.labels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "vnf-migrator.selector" . | nindent 8 }}
      {{- with $root.Values.pod.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "vnf-migrator.pod" (merge (dict "restartPolicy" "Never" "serviceAccountName" $account "resources" (include "vnf-migrator.hookResources" . | fromYaml)) .) | trim | nindent 6 }}
{{- end -}}

{{- define "vnf-migrator.hookResources" -}}
requests: { cpu: 50m, memory: 128Mi }
limits: { memory: 512Mi }
{{- end -}}
