{{ define "role" }}edit{{ end }}
