// The examples of FIPS 180-4 (NIST's "SHA256.pdf" and its million of "a"), in every kind of pieces.
#include "base/hash.h"

#include <QtTest/QtTest>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sotto;

namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string digestOf(std::string_view text) {
    Hash hash;
    hash.append(bytesOf(text));
    return hash.finish();
}

}  // namespace

class HashTest : public QObject {
    Q_OBJECT

private slots:
    void digest_isThatOfTheStandard() {
        QCOMPARE(digestOf(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49599"
                                           "1b7852b855"));
        QCOMPARE(digestOf("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb4"
                                              "10ff61f20015ad"));
        QCOMPARE(digestOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                 std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
        QCOMPARE(digestOf("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                          "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
                 std::string("cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"));
        QCOMPARE(digestOf(std::string(1'000'000, 'a')),
                 std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    }

    // Pieces around the block of 64 bytes and the buffer of 1 MiB give what the whole gives.
    void append_doesNotSeeThePieces_data() {
        QTest::addColumn<int>("piece");
        for (const int piece : {1, 3, 55, 56, 63, 64, 65, 4095, 1 << 20, (1 << 20) + 1})
            QTest::addRow("%d", piece) << piece;
    }
    void append_doesNotSeeThePieces() {
        QFETCH(int, piece);
        std::string text((std::size_t{5} << 18) + 7, '\0');
        unsigned state = 1;
        for (char& byte : text)
            byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
        Hash hash;
        for (std::size_t begin = 0; begin < text.size(); begin += static_cast<std::size_t>(piece)) {
            hash.append(
                bytesOf(std::string_view(text).substr(begin, static_cast<std::size_t>(piece))));
            hash.append({});
        }
        QCOMPARE(hash.finish(), digestOf(text));
    }

    void finish_beginsAnew() {
        Hash hash;
        hash.append(bytesOf("something else"));
        hash.finish();
        hash.append(bytesOf("ab"));
        Hash moved(std::move(hash));
        moved.append(bytesOf("c"));
        QCOMPARE(moved.finish(), digestOf("abc"));
    }
};

QTEST_APPLESS_MAIN(HashTest)
#include "hash_test.moc"
