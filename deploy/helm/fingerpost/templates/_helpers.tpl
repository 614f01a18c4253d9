{{- define "fingerpost.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "fingerpost.account" -}}
{{- if .Values.serviceAccount.name }}{{ .Values.serviceAccount.name }}{{ else if .Values.serviceAccount.create }}{{ include "fingerpost.name" . }}{{ else }}default{{ end -}}
{{- end }}

{{- define "fingerpost.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fingerpost.labels" -}}
{{ include "fingerpost.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* The config with what the other values say of it. */ -}}
{{- define "fingerpost.config" -}}
{{- $xds := dict "listen" (printf "0.0.0.0:%v" .Values.xds.port) -}}
{{- if .Values.xds.tls.secretName -}}
{{- $tls := dict "cert" "/etc/fingerpost-tls/tls.crt" "key" "/etc/fingerpost-tls/tls.key" -}}
{{- if .Values.xds.tls.clientCa }}{{ $_ := set $tls "clientCa" "/etc/fingerpost-tls/ca.crt" }}{{ end -}}
{{- $_ := set $xds "tls" $tls -}}
{{- else if .Values.xds.insecure -}}
{{- $_ := set $xds "insecure" true -}}
{{- else -}}
{{- fail "xDS is in clear without TLS: set xds.tls.secretName, or xds.insecure=true where only your clients reach it" -}}
{{- end -}}
{{- if .Values.xds.maxConnectionAge }}{{ $_ := set $xds "maxConnectionAge" .Values.xds.maxConnectionAge }}{{ end -}}
{{- $own := dict "xds" $xds "admin" (dict "health" (printf "0.0.0.0:%v" .Values.health.port)) "state" (dict "directory" "/var/lib/fingerpost") -}}
{{- if and .Values.shareDemand (gt (int .Values.replicas) 1) (not (hasKey .Values.config "replicas")) -}}
{{- $_ := set $own "replicas" (dict "admin" (list (printf "%s-metrics:%v" (include "fingerpost.name" .) .Values.health.port))) -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $own) -}}
{{- end }}
