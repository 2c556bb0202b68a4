{{/*
JSON: the Deployments of workers, as a list of {name, build, tag, digest, replicas}. One without a build where there are no
builds.
*/}}
{{- define "vnf-migrator.workers" -}}
{{- $name := printf "%s-worker" (include "vnf-migrator.fullname" .) -}}
{{- $workers := list -}}
{{- $fewest := ternary .Values.autoscaling.minReplicas .Values.worker.replicas .Values.autoscaling.enabled -}}
{{- range .Values.worker.builds -}}
{{- $digest := default "" .digest -}}
{{- $tag := ternary "" (default .id .tag) (ne $digest "") -}}
{{- $replicas := ternary .replicas $fewest (hasKey . "replicas") -}}
{{- $named := printf "%s-%s" $name (include "vnf-migrator.buildName" .id) -}}
{{- $workers = append $workers (dict "name" $named "build" .id "tag" $tag "digest" $digest "replicas" $replicas) -}}
{{- else -}}
{{- $workers = append $workers (dict "name" $name "build" "" "tag" "" "digest" "" "replicas" $fewest) -}}
{{- end -}}
{{- $workers | toJson -}}
{{- end -}}
