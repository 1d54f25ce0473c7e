// Makes signatures.tsv: keys and signatures by Go's own cryptography, for src/crypto/jws_test.cc.
//
//	go run tests/vectors/crypto/make_signatures.go > tests/vectors/crypto/signatures.tsv
//
// Columns: algorithm, public key (PEM), private key (PEM), message, signature; all but the first in base64url without padding.
// RSA keys come as "RSA PRIVATE KEY" (PKCS#1) and, for RS384, with PKIX bytes under the label "RSA PUBLIC KEY", as ZITADEL
// writes machine keys; RS512 brings its public key as a certificate, PS256 as PKCS#1. The others are PKCS#8 and PKIX.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

var text = base64.RawURLEncoding

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func row(alg string, public, private *pem.Block, message, signature []byte) {
	fmt.Printf("%s\t%s\t%s\t%s\t%s\n", alg, text.EncodeToString(pem.EncodeToMemory(public)), text.EncodeToString(pem.EncodeToMemory(private)),
		text.EncodeToString(message), text.EncodeToString(signature))
}

func certificate(key *rsa.PrivateKey) *pem.Block {
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "vector"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	return &pem.Block{Type: "CERTIFICATE", Bytes: must(x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key))}
}

func main() {
	hashes := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}
	sum := func(size string, message []byte) []byte {
		h := hashes[size].New()
		h.Write(message)
		return h.Sum(nil)
	}
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		key := must(rsa.GenerateKey(rand.Reader, 2048))
		message := []byte("signed with " + alg)
		public := &pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(key.Public()))}
		switch alg {
		case "RS384":
			public.Type = "RSA PUBLIC KEY"
		case "RS512":
			public = certificate(key)
		case "PS256":
			public = &pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)}
		}
		private := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
		size := alg[2:]
		if alg[0] == 'R' {
			row(alg, public, private, message, must(rsa.SignPKCS1v15(rand.Reader, key, hashes[size], sum(size, message))))
		} else {
			row(alg, public, private, message, must(rsa.SignPSS(rand.Reader, key, hashes[size], sum(size, message), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})))
		}
	}
	curves := []struct {
		alg   string
		curve elliptic.Curve
		bytes int
	}{{"ES256", elliptic.P256(), 32}, {"ES384", elliptic.P384(), 48}, {"ES512", elliptic.P521(), 66}}
	for _, c := range curves {
		key := must(ecdsa.GenerateKey(c.curve, rand.Reader))
		message := []byte("signed with " + c.alg)
		r, s, err := ecdsa.Sign(rand.Reader, key, sum(c.alg[2:], message))
		if err != nil {
			panic(err)
		}
		signature := make([]byte, 2*c.bytes)
		r.FillBytes(signature[:c.bytes])
		s.FillBytes(signature[c.bytes:])
		row(c.alg, &pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(key.Public()))},
			&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))}, message, signature)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	message := []byte("signed with EdDSA")
	row("EdDSA", &pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(public))},
		&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(private))}, message, ed25519.Sign(private, message))
}
