{{- define "app.image" -}}
registry.example.com/app:{{ .Values.tag }}
{{- end }}
{{- define "app.verbs" -}}
- get
{{- end }}
