# The least rights for what examples/consul/fingerpost.yaml reads. `consul acl policy create -name fingerpost -rules @policy.hcl`,
# then `consul acl token create -policy-name fingerpost`. A service whose nodes may not be read is an empty one to Consul.
service "web" {
  policy = "read"
}
node_prefix "" {
  policy = "read"
}
