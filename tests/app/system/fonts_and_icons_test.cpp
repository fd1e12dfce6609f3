// The shipped fonts are there with tabular digits, and icons are drawn in the colour and size
// asked.
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QImage>
#include <QPainter>
#include <QtTest>

#include "app/system/fonts.h"
#include "app/system/icon_provider.h"

class FontsAndIconsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_families = sotto::app::loadFonts(); }

    void loadFonts_findsAllFamilies() {
        QCOMPARE(QSet<QString>(m_families.begin(), m_families.end()),
                 QSet<QString>({"Sotto Sans", "Sotto Sans Display", "Sotto Mono"}));
    }

    void digits_areTabular_data() {
        QTest::addColumn<QString>("family");
        QTest::addColumn<int>("weight");
        QTest::newRow("body") << "Sotto Sans" << 400;
        QTest::newRow("label") << "Sotto Sans" << 500;
        QTest::newRow("heading") << "Sotto Sans" << 600;
        QTest::newRow("big") << "Sotto Sans Display" << 300;
        QTest::newRow("display") << "Sotto Sans Display" << 500;
        QTest::newRow("page title") << "Sotto Sans Display" << 600;
        QTest::newRow("code") << "Sotto Mono" << 400;
    }

    void digits_areTabular() {
        QFETCH(QString, family);
        QFETCH(int, weight);
        QFont font(family);
        font.setPixelSize(100);
        font.setWeight(QFont::Weight(weight));
        QCOMPARE(QFontInfo(font).family(), family);
        const QFontMetricsF metrics(font);
        for (const QString& pair :
             {QStringLiteral("11"), QStringLiteral("74"), QStringLiteral("90")})
            QCOMPARE(metrics.horizontalAdvance(pair),
                     metrics.horizontalAdvance(QStringLiteral("00")));
    }

    void mono_hasNoLigatures() {
        QFont font(QStringLiteral("Sotto Mono"));
        font.setPixelSize(40);
        const auto draw = [&font](const QString& first, const QString& second) {
            QImage image(120, 60, QImage::Format_Grayscale8);
            image.fill(Qt::white);
            QPainter painter(&image);
            painter.setFont(font);
            painter.drawText(QPointF(5, 45), first);
            painter.drawText(QPointF(5 + QFontMetricsF(font).horizontalAdvance(first), 45), second);
            return image;
        };
        QCOMPARE(draw(QStringLiteral("->"), QString()),
                 draw(QStringLiteral("-"), QStringLiteral(">")));
    }

    void icon_isDrawnInItsColourAtTheSizeAsked() {
        sotto::app::IconProvider provider;
        QSize size;
        const QImage image =
            provider.requestImage(QStringLiteral("x/200/ff0000"), &size, QSize(45, 45));
        QCOMPARE(image.size(), QSize(45, 45));
        QCOMPARE(size, QSize(45, 45));
        QCOMPARE(image.pixelColor(22, 22), QColor(255, 0, 0));  // where the two strokes cross
        QCOMPARE(image.pixelColor(1, 22).alpha(), 0);
    }

    void icon_unknownIsTransparentAndSaysSo() {
        sotto::app::IconProvider provider;
        QSize size;
        QTest::ignoreMessage(QtWarningMsg, "No icon is named \"no-such-icon\".");
        const QImage image =
            provider.requestImage(QStringLiteral("no-such-icon/175/000000"), &size, QSize(16, 16));
        QVERIFY(!image.isNull());
        QCOMPARE(image.pixelColor(8, 8).alpha(), 0);
    }

private:
    QStringList m_families;
};

QTEST_MAIN(FontsAndIconsTest)
#include "fonts_and_icons_test.moc"
