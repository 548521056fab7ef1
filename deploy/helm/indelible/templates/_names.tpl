{{- define "indelible.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "indelible.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "indelible.labels" -}}
{{ include "indelible.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What can't work is refused here, with the reason, instead of by pods that do not start. */}}
{{- define "indelible.check" -}}
{{- with .Values -}}
{{- if and (gt (int .replicas) 1) (not .secrets.store.name) -}}
{{- fail "replicas: more than one needs PostgreSQL: secrets.store.name" -}}
{{- end -}}
{{- if and .secrets.store.name (not .secrets.seed.name) -}}
{{- fail "secrets.seed.name: with PostgreSQL every node needs the same seed" -}}
{{- end -}}
{{- if and .networkPolicy.enabled (or .secrets.store.name .secrets.amqp.name .secrets.nats.name) (not .networkPolicy.to) -}}
{{- fail "networkPolicy.to: must let the service reach its database and its broker" -}}
{{- end -}}
{{- end -}}
{{- end -}}
