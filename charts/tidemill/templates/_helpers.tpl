{{- define "tidemill.labels" -}}
app.kubernetes.io/name: tidemill
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "tidemill.selector" -}}
app.kubernetes.io/name: tidemill
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "tidemill.storeSelector" -}}
app.kubernetes.io/name: tidemill
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: store
{{- end }}

{{- define "tidemill.storeLabels" -}}
{{ include "tidemill.labels" . }}
app.kubernetes.io/component: store
{{- end }}

{{- define "tidemill.storeSecret" -}}
{{ .Values.objectStore.credentialsSecret | default "tidemill-store" }}
{{- end }}

{{- define "tidemill.createsStore" -}}
{{- if or .Values.objectStore.create .Values.objectStore.bundled.enabled }}yes{{ end }}
{{- end }}

{{- /* The schema of version .version of definition .crd, as JSON. */ -}}
{{- define "tidemill.schema" -}}
{{- range .crd.spec.versions }}{{ if eq .name $.version }}{{ .schema.openAPIV3Schema | toJson }}{{ end }}{{ end }}
{{- end }}

{{- /* Names of fields that schema .wanted has and schema .present has not, each in a line. */ -}}
{{- define "tidemill.missingFields" -}}
{{- $present := .present.properties | default dict }}
{{- range $name, $wanted := .wanted.properties }}
{{- if not (hasKey $present $name) }}
{{ $.path }}{{ $name }}
{{- else }}
{{- include "tidemill.missingFields" (dict "wanted" ($wanted.items | default $wanted) "present" ((index $present $name).items | default (index $present $name)) "path" (print $.path $name ".")) }}
{{- end }}
{{- end }}
{{- end }}
