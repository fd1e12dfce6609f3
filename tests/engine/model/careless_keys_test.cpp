// Keys that careless converters write and that say nothing: the model loads as without them.
#include <QtTest/QtTest>

#include "engine/model/loader.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

class CarelessKeysTest : public QObject {
    Q_OBJECT

private slots:
    void keysThatSayNothing_arePassedOver_data();
    void keysThatSayNothing_arePassedOver();
};

void CarelessKeysTest::keysThatSayNothing_arePassedOver_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<double>("number");
    QTest::newRow("a factor of nothing") << "llama.rope.scaling.factor" << 0.0;
    QTest::newRow("an old factor of nothing") << "llama.rope.scale_linear" << 0.0;
    QTest::newRow("a rotation of nothing") << "llama.rope.scaling.attn_factor" << 0.0;
    // The tokens and the rows agree, as where a vocabulary was filled up behind the key.
    QTest::newRow("a vocabulary of another length") << "llama.vocab_size" << 318.0;
}

void CarelessKeysTest::keysThatSayNothing_arePassedOver() {
    QFETCH(QString, key);
    QFETCH(double, number);
    GgufWriter writer = test::describeTinyModel({});
    if (key.endsWith("size")) {
        writer.addValue(key.toStdString(), static_cast<std::uint32_t>(number));
    } else {
        writer.addValue(key.toStdString(), static_cast<float>(number));
    }
    const auto bytes = writer.toBytes(test::tinyWeights(writer, 1));
    QVERIFY(bytes);
    const auto read = parseModelFile(*bytes, "tiny.gguf");
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    const ModelConfig& config = (*read)->config;
    QCOMPARE(config.nVocab, 320);
    const RopeConfig& rope = config.layers.front().attention.rope;
    QVERIFY(rope.scaling == RopeScaling::None);
    QCOMPARE(rope.factor, 1.0);
    QCOMPARE(rope.attentionFactor, 1.0);
}

QTEST_APPLESS_MAIN(CarelessKeysTest)
#include "careless_keys_test.moc"
