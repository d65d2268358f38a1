{{- define "lib.rule" -}}
{{ .Values.reader | toJson }}
{{- end -}}
