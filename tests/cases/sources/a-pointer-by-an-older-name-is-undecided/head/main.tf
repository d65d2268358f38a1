
version https://hawser.github.com/spec/v1
oid sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
size 12345
