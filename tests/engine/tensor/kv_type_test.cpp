// The cache's types by name, and the bytes of their rows.
#include <QtTest>

#include "engine/tensor/kv_type.h"

using namespace sotto;

class KvTypeTest : public QObject {
    Q_OBJECT

private slots:
    void names_areReadBack() {
        for (const KvType key : allKvTypes())
            for (const KvType value : allKvTypes()) {
                const std::string text = kvTypesText({key, value});
                QCOMPARE(text.find(',') == text.npos, key == value);
                QVERIFY(kvTypesFromText(text) == (KvTypes{key, value}));
            }
        QVERIFY(kvTypesFromText("Q8_0,fp8_E4M3") == (KvTypes{KvType::Q8_0, KvType::F8E4M3}));
    }

    void whatIsNoType_isNotRead() {
        for (const char* text : {"", "q8", "q8_0,", ",q8_0", "q8_0,q5_0,q4_0", "q8_0 ", "bf16"})
            QVERIFY2(!kvTypesFromText(text), text);
    }

    // 32 codes and a scale.
    void rows_areWholeBlocks() {
        QCOMPARE(rowBytes(KvType::F32, 64), std::size_t{256});
        QCOMPARE(rowBytes(KvType::F16, 40), std::size_t{80});
        QCOMPARE(rowBytes(KvType::Q8_0, 64), std::size_t{2 * (2 + 32)});
        QCOMPARE(rowBytes(KvType::F8E4M3, 64), std::size_t{2 * (2 + 32)});
        QCOMPARE(rowBytes(KvType::F8E5M2, 64), std::size_t{2 * (2 + 32)});
        QCOMPARE(rowBytes(KvType::Q5_0, 64), std::size_t{2 * (2 + 4 + 16)});
        QCOMPARE(rowBytes(KvType::Q4_0, 64), std::size_t{2 * (2 + 16)});
        QCOMPARE(bytesOfPair({KvType::Q8_0, KvType::F16}), 2 + 34.0 / 32);
    }
};

QTEST_APPLESS_MAIN(KvTypeTest)
#include "kv_type_test.moc"
