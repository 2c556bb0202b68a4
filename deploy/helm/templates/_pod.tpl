{{/*
The pod of every component, so that all of them are alike in what protects them.

Invariants: not root, no capability, a root file system that nobody writes, the system calls of the runtime's default, no
token of a service account. Nothing is written anywhere, so there is no volume for /tmp.

Takes a dict: root, component, build, tag, digest, args, groups (of settings), ports, probes, resources, graceSeconds,
waitSeconds, restartPolicy, serviceAccountName.
*/}}
{{- define "vnf-migrator.pod" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $files := list -}}
{{- range .groups -}}
{{- if has . (list "temporal" "mano" "notify" "console") -}}
{{- $files = concat $files (include (printf "vnf-migrator.files.%s" .) $root | fromJsonArray) -}}
{{- end -}}
{{- end -}}
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
serviceAccountName: {{ default (include "vnf-migrator.serviceAccountName" $root) .serviceAccountName }}
automountServiceAccountToken: false
# They would add TEMPORAL_… and others to the environment, which has settings of such names.
enableServiceLinks: false
{{- with .restartPolicy }}
restartPolicy: {{ . }}
{{- end }}
{{- with .graceSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
{{- with $values.pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $values.pod.runAsUser }}
  runAsGroup: {{ $values.pod.runAsGroup }}
  # The files of Secrets belong to this group.
  fsGroup: {{ $values.pod.runAsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: {{ .component }}
    image: {{ include "vnf-migrator.image" . | quote }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: {{ toJson .args }}
    env:
      {{- range .groups }}
      {{- if eq . "build" }}
      {{- include "vnf-migrator.env.build" (dict "root" $root "build" (default $.build $.buildId)) | trim | nindent 6 }}
      {{- else }}
      {{- with include (printf "vnf-migrator.env.%s" .) $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- end }}
      {{- end }}
    {{- with .ports }}
    ports:
      {{- range . }}
      - name: {{ .name }}
        containerPort: {{ .port }}
        protocol: TCP
      {{- end }}
    {{- end }}
    {{- if .probePort }}
    # A worker that waits for Temporal or the broker lives, and says so: only a process that hangs is restarted.
    startupProbe:
      httpGet: { path: /livez, port: {{ .probePort }} }
      periodSeconds: 2
      failureThreshold: 30
    livenessProbe:
      httpGet: { path: /livez, port: {{ .probePort }} }
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: { path: /readyz, port: {{ .probePort }} }
      periodSeconds: 5
      timeoutSeconds: 5
      failureThreshold: 2
    {{- end }}
    {{- with .waitSeconds }}
    # The endpoints of the Service forget a pod a moment after its end began.
    lifecycle:
      preStop:
        sleep:
          seconds: {{ . }}
    {{- end }}
    resources:
      {{- toYaml .resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    {{- with $files }}
    volumeMounts:
      {{- range . }}
      - name: {{ .name }}
        mountPath: /etc/vnf-migrator/{{ .name }}
        readOnly: true
      {{- end }}
    {{- end }}
{{- with $files }}
volumes:
  {{- range . }}
  - name: {{ .name }}
    secret:
      secretName: {{ .secretName }}
      # 0440
      defaultMode: 288
      items:
        {{- range .keys }}
        - key: {{ . }}
          path: {{ . }}
        {{- end }}
  {{- end }}
{{- end }}
{{- with $values.pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.pod.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A Deployment of a component, and its PodDisruptionBudget. Takes what the pod takes, and name, replicas, maxUnavailable. */}}
{{- define "vnf-migrator.deployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "vnf-migrator.labels" . | nindent 4 }}
spec:
  {{- if not .isAutoscaled }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "vnf-migrator.selector" . | nindent 6 }}
  # One after another, and none is taken away before its successor is ready.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        {{- with $values.pod.labels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "vnf-migrator.selector" . | nindent 8 }}
      {{- with $values.pod.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "vnf-migrator.pod" . | trim | nindent 6 }}
      {{- with $values.pod.spreadOver }}
      topologySpreadConstraints:
        {{- range . }}
        - topologyKey: {{ . }}
          maxSkew: 1
          whenUnsatisfiable: {{ $values.pod.whenUnsatisfiable }}
          labelSelector:
            matchLabels:
              {{- include "vnf-migrator.selector" $ | nindent 14 }}
          # The pods of the revision before do not count.
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "vnf-migrator.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .maxUnavailable }}
  # A pod that is not ready serves nobody, and must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "vnf-migrator.selector" . | nindent 6 }}
{{- end -}}
