// The translation files are whole, and the language follows the setting while the program runs.
#include "app/system/translation.h"

#include <QRegularExpression>
#include <QSignalSpy>
#include <QXmlStreamReader>
#include <QtTest>

#include "app/system/number_format.h"

using sotto::app::NumberFormat;
using sotto::app::Translation;

namespace {

struct Message {
    QString source;
    QStringList translations;
    bool isFinished = true;
};

QList<Message> messagesOf(const QString& fileName) {
    QFile file(QStringLiteral(SOTTO_SOURCE_DIR "/resources/translations/") + fileName);
    QList<Message> messages;
    if (!file.open(QIODevice::ReadOnly)) return messages;
    QXmlStreamReader xml(&file);
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement()) continue;
        if (xml.name() == u"message") messages.append(Message());
        if (messages.isEmpty()) continue;
        if (xml.name() == u"source") messages.last().source = xml.readElementText();
        if (xml.name() == u"numerusform") messages.last().translations += xml.readElementText();
        if (xml.name() == u"translation") {
            messages.last().isFinished = !xml.attributes().hasAttribute(QStringLiteral("type"));
            const QString text =
                xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
            if (!text.isEmpty()) messages.last().translations += text;
        }
    }
    return messages;
}

QStringList placesOf(const QString& text) {
    static const QRegularExpression form(QStringLiteral("%(\\d|n)"));
    QStringList places;
    for (auto match = form.globalMatch(text); match.hasNext();) places += match.next().captured();
    places.removeDuplicates();
    places.sort();
    return places;
}

}  // namespace

class TranslationTest : public QObject {
    Q_OBJECT

private slots:
    void files_areFinishedAndKeepThePlaces_data() {
        QTest::addColumn<QString>("fileName");
        QTest::addColumn<int>("atLeast");
        QTest::newRow("Chinese") << QStringLiteral("sotto_zh_CN.ts") << 300;
        QTest::newRow("English plurals") << QStringLiteral("sotto_en.ts") << 1;
    }

    void files_areFinishedAndKeepThePlaces() {
        QFETCH(QString, fileName);
        QFETCH(int, atLeast);
        const QList<Message> messages = messagesOf(fileName);
        QVERIFY2(messages.size() >= atLeast, qPrintable(QString::number(messages.size())));
        for (const Message& message : messages) {
            QVERIFY2(message.isFinished, qPrintable(message.source));
            QVERIFY2(!message.translations.isEmpty(), qPrintable(message.source));
            for (const QString& translation : message.translations) {
                QCOMPARE(placesOf(translation), placesOf(message.source));
            }
        }
    }

    void resolve_takesTheFirstLanguageThatItSpeaks_data() {
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QStringList>("system");
        QTest::addColumn<QString>("expected");
        QTest::newRow("fixed") << "zh_CN" << QStringList{"en-GB"} << "zh_CN";
        QTest::newRow("fixed English") << "en" << QStringList{"zh-Hans-CN"} << "en";
        QTest::newRow("system") << "system" << QStringList{"zh-Hans-CN", "en"} << "zh_CN";
        QTest::newRow("English first") << "system" << QStringList{"en-US", "zh-CN"} << "en";
        QTest::newRow("neither first") << "system" << QStringList{"fr", "zh-CN"} << "zh_CN";
        QTest::newRow("none") << "system" << QStringList{} << "en";
    }

    void resolve_takesTheFirstLanguageThatItSpeaks() {
        QFETCH(QString, setting);
        QFETCH(QStringList, system);
        QFETCH(QString, expected);
        QCOMPARE(Translation::resolve(setting, system), expected);
    }

    void counts_haveTheirPlural() {
        Translation translation;
        translation.setSetting(QStringLiteral("en"));
        NumberFormat format;
        QCOMPARE(format.tokens(1), QStringLiteral("1 token"));
        QCOMPARE(format.tokens(1974), QStringLiteral("1,974 tokens"));
        translation.setSetting(QStringLiteral("zh_CN"));
        format.setLanguage(translation.current());
        QCOMPARE(format.tokens(1974), QStringLiteral("1,974 个 token"));
    }

    void setSetting_translatesWhileRunning() {
        Translation translation;
        QSignalSpy spy(&translation, &Translation::currentChanged);
        translation.setSetting(QStringLiteral("zh_CN"));
        QCOMPARE(translation.current(), QStringLiteral("zh_CN"));
        QCOMPARE(QCoreApplication::translate("WindowPages", "Settings"), QStringLiteral("设置"));
        translation.setSetting(QStringLiteral("en"));
        QCOMPARE(QCoreApplication::translate("WindowPages", "Settings"),
                 QStringLiteral("Settings"));
        QCOMPARE(spy.count(), 2);
    }
};

QTEST_GUILESS_MAIN(TranslationTest)
#include "translation_test.moc"
