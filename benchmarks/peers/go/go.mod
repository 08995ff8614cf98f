module headrace.dev/peers

go 1.19
