"""The words that mail clients put above what they quote or forward, in the languages that they speak.

From the translations of Outlook, Outlook on the web, Thunderbird, Apple Mail, Gmail, Yahoo, Zimbra and Roundcube. All are
casefolded and in NFC; a heading that none of these writes is still known by its shape (`quoting`).
"""


def _words(table: str) -> tuple[str, ...]:
    return tuple(words.strip() for words in table.strip().replace("\n", "").split("|"))


_FROM = _words(
    """
    afsender|afzender|avsender|avsändare|da|dari|de|de la|expeditor|feladó|fra|from|från|gönderen|kimden|lähettäjä|
    mittente|nadawca|nuo|od|pošiljatelj|remetente|remitente|saatja|sūtītājs|tőle|từ|van|von|šalje|από|від|відправник|от|
    от кого|отправитель|подател|מאת|من|द्वारा|จาก|发件人|寄件人|寄件者|差出人|보낸 사람|보낸사람|보낸이
    """
)

_SENT = _words(
    """
    data|date|dato|datum|datums|dikirim|dátum|elküldve|enviada|enviado|envoyé|fecha|gesendet|gönderildi|
    gönderme tarihi|gửi|inviato|išsiųsta|kuupäev|küldve|lähetetty|ngày|nosūtīts|odesláno|odoslané|poslano|poslané|
    päivämäärä|päiväys|saadetud|sendt|sent|sent at|sent on|skickat|tanggal|tarih|terkirim|trimis|verzonden|wysłano|
    đã gửi|εστάλη|ημερομηνία|στάλθηκε|відправлено|дата|дата отправки|изпратено|надіслано|отправлено|נשלח|תאריך|
    أرسلت|التاريخ|تاريخ الإرسال|تم الإرسال|दिनांक|วันที่|ส่ง|傳送時間|发送时间|寄件日期|日付|日時|日期|时间|送信日時|
    날짜|보낸 날짜|보낸날짜
    """
)

_TO = _words(
    """
    a|aan|adresat|alıcı|an|címzett|către|destinataire|destinatario|destinatário|do|kam|kellele|kepada|kime|komu|para|prima|
    pro|til|till|to|tới|vastaanottaja|za|à|đến|προσ|до|кому|към|אל|إلى|ถึง|宛先|收件人|收件者|받는 사람|받는사람
    """
)

_SUBJECT = _words(
    """
    aihe|assunto|asunto|betreff|chủ đề|emne|konu|objet|oggetto|onderwerp|perihal|predmet|předmět|subiect|subject|
    subjek|sujet|teema|tema|temat|tiêu đề|tárgy|tēma|zadeva|ämne|θέμα|относно|тема|נושא|الموضوع|विषय|เรื่อง|主旨|
    主題|主题|件名|标题|제목
    """
)

_COPY = _words(
    """
    antwort-an|bilgi|cc|copie|dw|kopi|kopia|kopie|kopio|másolat|reply-to|κοιν|κοινοποίηση|копие|копия|копія|עותק|
    نسخة|副本|参照|抄送|참조
    """
)

FIELDS = {
    word: name
    for name, words in (("from", _FROM), ("sent", _SENT), ("to", _TO), ("subject", _SUBJECT), ("copy", _COPY))
    for word in words
}
"""What a field of the block above a quotation may be called, and which it is."""

WROTE = _words(
    """
    wrote|writes|schrieb|schreibt|a écrit|écrit|escribió|escreveu|ha scritto|scrisse|schreef|skrev|kirjoitti|
    napisał|napisała|napisał(a)|pisze|napsal|napsala|napsal(a)|napísal|napísala|írta|ezt írta|a scris|пишет|писал|
    писала|написал|написала|написав|пише|έγραψε|yazdı|şunları yazdı|menulis|đã viết|va escriure|je napisao|
    je napisala|je napisal|kirjutas|rakstīja|rašė|כתב|כתבה|כתב/ה|كتب|كتبت|نوشت|写道|寫道|写到|のメール|書きました|
    님이 작성|님이 씀|작성함|เขียนว่า|ने लिखा
    """
)
"""What stands at or near the end of `On DATE, NAME wrote:`."""

ORIGINAL = _words(
    """
    original message|original appointment|reply message|ursprüngliche nachricht|originalnachricht|message d'origine|
    message original|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|
    originalmeddelande|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|
    wiadomość oryginalna|oryginalna wiadomość|původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|
    исходное сообщение|оригинальное сообщение|пересылаемое сообщение|початкове повідомлення|
    оригінальне повідомлення|оригинално съобщение|αρχικό μήνυμα|özgün ileti|orijinal mesaj|הודעה מקורית|
    الرسالة الأصلية|原始邮件|原始郵件|邮件原件|原始信件|元のメッセージ|오리지널 메시지|원본 메시지|원래 메시지|
    thư gốc|tin nhắn gốc|pesan asli|ข้อความต้นฉบับ
    """
)
"""What stands between dashes above a quotation."""

FORWARDED = _words(
    """
    forwarded message|forwarded by|begin forwarded message|forwarded mail|weitergeleitete nachricht|
    anfang der weitergeleiteten nachricht|weitergeleitete e-mail|message transféré|message réexpédié|
    début du message transféré|début du message réexpédié|mensaje reenviado|inicio del mensaje reenviado|
    mensagem encaminhada|início da mensagem encaminhada|messaggio inoltrato|inizio messaggio inoltrato|
    doorgestuurd bericht|begin doorgestuurd bericht|vidarebefordrat meddelande|vidarebefordrat brev|
    videresendt meddelelse|videresendt besked|videresendt melding|välitetty viesti|välitetty viesti alkaa|
    wiadomość przekazana dalej|przekazana wiadomość|początek przekazanej wiadomości|přeposlaná zpráva|
    začátek přeposílané zprávy|preposlaná správa|továbbított üzenet|továbbított levél|mesaj redirecționat|
    mesaj redirectionat|пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|
    начало переадресованного сообщения|переслане повідомлення|препратено съобщение|προωθημένο μήνυμα|
    iletilmiş mesaj|iletilen ileti|הודעה שהועברה|הודעה מועברת|رسالة معاد توجيهها|الرسالة المعاد توجيهها|转发的邮件|
    转发邮件信息|已转发邮件|開始轉寄郵件|轉寄郵件|轉寄的郵件|転送メッセージ|転送されたメッセージ|전달된 메시지|
    전달된 메일|thư được chuyển tiếp|pesan terusan|pesan yang diteruskan|ข้อความที่ส่งต่อ
    """
)
"""The same above a mail that is passed on."""

PASSED_ON = _words(
    """
    doorst|enc|encaminhada|fs|ft|fw|fwd|i|ilt|i̇lt|pd|przek|redir|rv|rvs|tnx|továbbítás|tr|trs|vb|vid|vidaresänd|vl|
    vs|wg|yml|προωθ|пересл|пересылка|転送|轉寄|轉發|转发|전달
    """
)
"""Prefixes of the subject of a mail that is passed on."""
