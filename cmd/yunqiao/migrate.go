package main

type migrateCmd struct{}
