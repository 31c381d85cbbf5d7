package main

type accountCmd struct{}
