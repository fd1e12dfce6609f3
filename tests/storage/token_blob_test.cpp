// The tokens of a message as bytes: every id comes back, and bytes that nobody wrote are no tokens.
#include "storage/token_blob.h"

#include <QTest>
#include <limits>

using namespace sotto::storage;

class TokenBlobTest : public QObject {
    Q_OBJECT
private slots:
    void ids_comeBack() {
        constexpr std::int32_t kLast = std::numeric_limits<std::int32_t>::max();
        const TokenIds tokens{{0, 1, 127, 128, 16'383, 16'384, 2'097'151, 2'097'152, kLast},
                              0x0123456789abcdef};
        const auto bytes = tokenBlob(tokens);
        QVERIFY(tokensOfBlob(bytes) == tokens);
        // The fingerprint; three of one byte, two of two, two of three, one of four, one of five.
        QCOMPARE(bytes.size(), std::size_t{8 + 3 * 1 + 2 * 2 + 2 * 3 + 4 + 5});
        QCOMPARE(std::to_integer<int>(bytes.front()), 0xef);
    }

    void noIds_areNoBytes() {
        QVERIFY(tokenBlob({{}, 7}).empty());
        QVERIFY(tokensOfBlob({}) == TokenIds{});
    }

    void bytesThatNobodyWrote_areNoTokens() {
        std::vector<std::byte> bytes = tokenBlob({{300}, 7});
        for (std::size_t nKept = 0; nKept < bytes.size(); ++nKept)
            QVERIFY(tokensOfBlob(std::span(bytes).first(nKept)).ids.empty());
        // Above every id, and without an end.
        const std::byte high{0xff};
        bytes.assign(13, high);
        QVERIFY(tokensOfBlob(bytes).ids.empty());
        bytes.back() = std::byte{0x0f};
        QVERIFY(tokensOfBlob(bytes).ids.empty());
    }
};

QTEST_APPLESS_MAIN(TokenBlobTest)
#include "token_blob_test.moc"
