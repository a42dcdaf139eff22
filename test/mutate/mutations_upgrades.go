package main

// upgradeMutations break what older and newer releases may count on (C6).
var upgradeMutations = []mutation{
	{
		"C6/what is gained is not written", "SnapshotWrite",
		`w.Gained, w.GainedCRC, err = encode(gameID, index, gained)`, ``,
	},
	{
		"C6/what is gained has the snapshot's checksum", "(*database).Store",
		`w.CRC, w.Gained, w.GainedCRC}`, `w.CRC, w.Gained, w.CRC}`,
	},
	{
		"C6/what is gained is not read", "(*Recovering).Row",
		`r.damage = addGained(&r.read, r.Stream, index, payload, crc)`, ``,
	},
	{
		"C6/damage of what is gained goes unnoticed", "addGained",
		`return decode("gained state", gameID, index, payload, crc, r.Gained.State)`,
		`_ = decode("gained state", gameID, index, payload, crc, r.Gained.State); return nil`,
	},
	{
		"C6/an event that retention took is no gap", "addSince",
		`if index != g.From+int64(len(g.Since)) {`, `if false {`,
	},
	{
		"C6/a snapshot of an older release erases what was gained", "Begin",
		`if r.Gained != nil {`, `if r.Gained != nil && r.Gained.From == r.From {`,
	},
	{
		"C6/what an older release wrote is not folded into what was gained", "(*SavedGained).at",
		`gained.apply(event)`, `_ = event`,
	},
	{
		"C6/what was gained is invented where events are gone", "(*SavedGained).at",
		`return Gained{Ended: snapshot.Ended}`, `return g.Gained`,
	},
	{
		"C6/headers are not journaled with the detection", "(*inspector).detect",
		`d.Headers = messages.Headers(d.EventID, d.EventType, i.gameID, d.Source, d.Traceparent, o.At)`, ``,
	},
	{
		"C6/headers are built at the delivery instead of those that were journaled", "headersOf",
		`if o.Detection.Headers == nil {`, `if true {`,
	},
	{
		"C6/an event of a release that journaled no headers has none", "headersOf",
		`if o.Detection.Headers == nil {`, `if false {`,
	},
	{
		"C6/all deliveries share their headers", "headersOf",
		`return maps.Clone(o.Detection.Headers)`, `maps.Clone(o.Detection.Headers); return o.Detection.Headers`,
	},
	{
		"C6/headers are lost on the way to the journal", "storedDetection",
		`stored.Headers = append(stored.Headers, &v1.Header{Key: key, Value: d.Headers[key]})`, `_ = key`,
	},
}
