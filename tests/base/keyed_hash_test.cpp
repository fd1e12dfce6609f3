// SipHash-2-4 with 128 bits against the vectors of its authors (vectors.h of the reference code).
#include "base/keyed_hash.h"

#include <QtTest>
#include <vector>

using namespace sotto;

namespace {

// Key and messages of the vectors: 0, 1, 2, …
HashKey countedKey() {
    HashKey key;
    for (std::size_t index = 0; index < key.size(); ++index)
        key[index] = static_cast<std::byte>(index);
    return key;
}

std::vector<std::byte> counted(std::size_t nBytes) {
    std::vector<std::byte> bytes(nBytes);
    for (std::size_t index = 0; index < nBytes; ++index)
        bytes[index] = static_cast<std::byte>(index);
    return bytes;
}

KeyedHash hashOf(const HashKey& key) {
    auto hash = KeyedHash::create(key);
    if (!hash) qFatal("%s", hash.error().message.c_str());
    return std::move(*hash);
}

QByteArray hex(const KeyedDigest& digest) {
    return QByteArray(reinterpret_cast<const char*>(digest.data()),
                      static_cast<qsizetype>(digest.size()))
        .toHex();
}

}  // namespace

class KeyedHashTest : public QObject {
    Q_OBJECT

private slots:
    void digest_isThatOfTheVectors() {
        const KeyedHash hash = hashOf(countedKey());
        QCOMPARE(hex(hash.of({})), QByteArray("a3817f04ba25a8e66df67214c7550293"));
        QCOMPARE(hex(hash.of(counted(1))), QByteArray("da87c1d86b99af44347659119b22fc45"));
    }

    void messageInTwoParts_isOneMessage() {
        const KeyedHash hash = hashOf(countedKey());
        const auto whole = counted(50);
        for (std::size_t cut = 0; cut <= whole.size(); ++cut)
            QVERIFY(hash.of(std::span(whole).first(cut), std::span(whole).subspan(cut)) ==
                    hash.of(whole));
    }

    void anotherKey_givesAnotherDigest() {
        HashKey key = countedKey();
        key[15] ^= std::byte{1};
        QVERIFY(hashOf(key).of(counted(9)) != hashOf(countedKey()).of(counted(9)));
        QVERIFY(freshHashKey() != freshHashKey());
    }
};

QTEST_GUILESS_MAIN(KeyedHashTest)
#include "keyed_hash_test.moc"
