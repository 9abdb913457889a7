"""Words that carry no news when they are an answer, in the languages that people write to us in."""

from unicodedata import normalize


def folded(text: str) -> str:
    """Normalise text for these tables: NFC, case-folded, with straight apostrophes."""
    return normalize("NFC", text).casefold().replace("\u2019", "'")


COURTESIES = frozenset(
    folded("""
    thanks thank thx ty tysm you u very much so many a lot for your the this that quick fast prompt swift kind great
    good nice perfect awesome excellent amazing cool super wonderful fantastic ok okay okey k got it noted understood
    will do sure fine all and again update updates reply response answer message email mail info information
    confirmation confirming letting me know fix fixing work working help support time effort appreciate appreciated i
    we really have day week weekend evening one too well received looking forward to hearing from hear hello hi hey
    dear team security everyone regards best kind warm cheers sincerely greetings yours truly br rgds welcome job
    done is sounds that's thats it's its glad happy my pleasure no worries problem pleased
    danke dank vielen herzlichen schön sehr für die das den schnelle schnellen antwort rückmeldung info super gut
    alles klar verstanden freundlichen grüßen grüße gruß viele liebe mit mfg hallo liebes herzliche bestens prima
    merci beaucoup bien reçu pour votre réponse retour rapide d'accord parfait cordialement bonne journée bonjour
    salutations sincères noté compris entendu la le les un une grand
    gracias muchas mil por su respuesta rápida perfecto genial vale entendido saludos cordiales un saludo hola buen
    obrigado obrigada muito pela resposta rápida perfeito entendido atenciosamente abraço abraços olá ok valeu
    grazie mille molte per la risposta rapida perfetto capito ricevuto cordiali saluti saluto ciao buona giornata
    bedankt dank je u wel hartelijk voor het snelle antwoord prima begrepen groet groeten vriendelijke met
    tack så mycket för svaret snabba hälsningar vänliga mvh hej tak takk mange for svar hilsen venlig vennlig hei kiitos
    paljon vastauksesta terveisin kiitoksia
    dziękuję dzięki bardzo za szybką odpowiedź rozumiem pozdrawiam pozdrowienia super świetnie dzień dobry
    děkuji díky moc za odpověď rozumím pozdravem hezký den ďakujem vďaka pekný köszönöm köszönet szépen üdvözlettel a
    választ mulțumesc multumesc mult pentru răspuns cu stimă hvala lijepa puno lep pozdrav благодаря много
    спасибо большое огромное за быстрый ответ понял поняла принято уважением с хорошо отлично здравствуйте
    дякую щиро за відповідь зрозуміло повагою ευχαριστώ πολύ πολυ για την απάντηση
    teşekkürler teşekkür ederim çok sağol sağolun tamam anladım iyi günler saygılarımla
    תודה רבה בברכה מעולה הבנתי شكرا شكراً جزيلا جزيلاً لكم لك على ردكم تحياتي
    terima kasih banyak atas balasannya baik salam cảm ơn xin rất nhiều धन्यवाद आपका बहुत शुक्रिया ขอบคุณ ขอบคุณครับ
    ขอบคุณค่ะ 谢谢 謝謝 谢谢你 谢谢您 非常感谢 多谢 感谢 收到 收到谢谢 好的 好的谢谢 ありがとうございます ありがとうございました
    承知しました 承知いたしました 了解しました 了解です よろしくお願いします よろしくお願いいたします
    감사합니다 고맙습니다 네 알겠습니다 확인했습니다 드림 올림 수고하세요
    ধন্যবাদ অনেক நன்றி மிக்க ధన్యవాదాలు ಧನ್ಯವಾದಗಳು നന്ദി આભાર ਧੰਨਵਾਦ شکریہ بہت ممنون متشکرم سپاس خیلی អរគុណ ຂອບໃຈ
    გმადლობთ მადლობა დიდი շնորհակալություն շատ рахмет баярлалаа хвала пуно вам дзякуй вялікі hvala vam najlepša
    धेरै ви благодарам 您的 你的 快速 及时 迅速 回复 答复 回覆 ご連絡 ご返信 ご回答 ご対応 早速 迅速
    お忙しいところ の な いただき
    asante sana dankie baie eskerrik asko gràcies moltes grazas moitas diolch go raibh maith agat takk fyrir kærar aitäh
    suur paldies liels ačiū labai faleminderit shumë rahmat təşəkkür edirəm salamat po dank je hvala lijepo
    """).split()
)
"""Words of a bare thanks: a mail of these alone says nothing more."""


def _phrases(table: str) -> tuple[str, ...]:
    return tuple(said.strip() for said in folded(table).strip().replace("\n", "").split("|"))


REACTED = _phrases(
    """
    reacted to your message|reacted via gmail|reacted to your email|liked your message|loved your message|
    hat auf ihre nachricht reagiert|hat auf deine nachricht reagiert|hat über gmail reagiert|a réagi à votre message|
    a réagi via gmail|ha reaccionado a tu mensaje|reaccionó a tu mensaje|reaccionó con gmail|
    reagiu à sua mensagem|reagiu à mensagem|ha reagito al tuo messaggio|ha aggiunto una reazione|
    heeft gereageerd op je bericht|heeft op uw bericht gereageerd|reagerade på ditt meddelande|
    reagerede på din besked|reagerte på meldingen|reagoi viestiisi|zareagował na twoją wiadomość|
    zareagował(a) na twoją wiadomość|reagoval na vaši zprávu|отреагировал на ваше сообщение|отреагировала на ваше|
    mesajınıza tepki verdi|iletinize tepki verdi|对你的邮件做出了回应|对您的邮件做出了反应|對您的訊息做出|リアクションしました|
    메시지에 반응|הגיב להודעה שלך|liked “|loved “|emphasized “|thumbs-up to your
    """
)
"""Phrases that mail clients write when somebody only sent a reaction symbol."""

ABSENT = _phrases(
    """
    automatic reply|auto reply|auto-reply|autoreply|autoresponse|out of office|out of the office|vacation|
    automatische antwort|abwesenheit|automatisch antwoord|afwezig|réponse automatique|absence|respuesta automática|
    respuesta automatica|fuera de la oficina|risposta automatica|fuori ufficio|resposta automática|ausência|
    răspuns automat|resposta automàtica|autosvar|automatiskt svar|automatisk svar|frånvaro|fravær|automaattinen|
    poissa|automatyczna odpowiedź|odpowiedź automatyczna|nieobecność|automatická odpov|nepřítomnost|
    automatikus válasz|automatski odgovor|samodejni odgovor|автоматический ответ|автоответ|автоматична відповідь|
    автоматичен отговор|аутоматски одговор|αυτόματη απάντηση|otomatik yanıt|otomatik cevap|automaatvastus|
    automātiskā atbilde|automatinis atsakymas|תשובה אוטומטית|מענה אוטומטי|رد تلقائي|الرد التلقائي|پاسخ خودکار|
    balasan otomatis|thư trả lời tự động|trả lời tự động|स्वचालित उत्तर|ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|
    自动答复|自动回复|自動回覆|自動回复|自動応答|自動返信|不在|자동 회신|자동 응답|부재중
    """
)
"""Phrases that mail programs put before the subject of an absence notice."""

ASKED = _phrases(
    """
    any news|any update|any progress|any movement|status of|status on|status update|what is the status|
    what's the status|following up|follow up on|follow-up on|heard back|had a chance to|did you receive|
    have you received|haven't heard|have not heard|not heard back|gentle reminder|friendly reminder|kind reminder|
    checking in|just checking|when can i expect|is there an update|still waiting for|bumping this|gentle ping|
    gibt es neuigkeiten|gibt es etwas neues|gibt's was neues|schon neuigkeiten|stand der dinge|wie ist der stand|
    aktuelle stand|aktuellen stand|wollte nachfragen|haben sie meine|des nouvelles|du nouveau|où en est|où en êtes|
    une mise à jour sur|avez-vous reçu|alguna novedad|hay novedades|novedades sobre|alguna actualización|estado de mi|
    en qué estado|han recibido|alguma novidade|novidades sobre|alguma atualização|qual é o status|qual o status|
    ci sono novità|novità su|aggiornamenti su|a che punto|avete ricevuto|is er nieuws|al nieuws|stand van zaken|
    några nyheter|någon uppdatering|noget nyt|noen nyheter|oppdatering på|onko uutta|onko uutisia|jakieś wieści|
    jakieś nowości|jaki jest status|czy są jakieś|nějaké novinky|jaký je stav|nejaké novinky|van valami hír|
    van már hír|vreo noutate|vreo actualizare|има ли новини|ima li novosti|есть ли новости|есть новости|
    какие новости|какой статус|каков статус|статус моего|есть ли обновления|чи є новини|який статус|
    υπάρχει κάποια ενημέρωση|κάποιο νέο|gelişme var mı|haber var mı|durumu nedir|güncelleme var mı|יש חדש|יש עדכון|
    מה הסטטוס|أي تحديث|هل من جديد|ما هي حالة|ada kabar|ada perkembangan|ada update|có cập nhật|tiến độ|कोई अपडेट|
    क्या स्थिति|มีความคืบหน้า|有什么进展|有进展吗|有新进展|最新进展|进展如何|有更新吗|有消息吗|有什麼進展|有進展嗎|
    進捗|その後いかが|状況はいかが|状況を教え|진행 상황|업데이트가 있|소식이 있|답변을 기다
    """
)
"""Phrases of a person who asks about the progress of a report."""
