// What the page says, in the languages of its interface.

const WORDS = {
  en: {
    title: 'Translate on your device', interface: 'Language of the interface', swap: 'Swap the languages', clear: 'Clear',
    copy: 'Copy', copied: 'Copied', hint: 'Point at a word of the translation to see which words it comes from.',
    placeholder: 'Type or paste a text', loading: size => `Loading the model, ${size} …`,
    ready: 'Nothing you type leaves this device.', offline: 'Nothing you type leaves this device. The page works offline.',
    figures: (ms, size) => `${ms} · model of ${size}`, verify: 'Self-test', verifying: 'Testing …',
    verified: (right, all) => `${right} of ${all} known sentences as expected`,
    lacking: words => `The model lost ${words}, which was appended.`, failed: reason => `This does not work here: ${reason}`,
  },
  fr: {
    title: 'Traduire sur votre appareil', interface: 'Langue de l’interface', swap: 'Inverser les langues', clear: 'Effacer',
    copy: 'Copier', copied: 'Copié', hint: 'Pointez un mot de la traduction pour voir de quels mots il vient.',
    placeholder: 'Écrivez ou collez un texte', loading: size => `Chargement du modèle, ${size}…`,
    ready: 'Rien de ce que vous écrivez ne quitte cet appareil.',
    offline: 'Rien de ce que vous écrivez ne quitte cet appareil. La page fonctionne hors ligne.',
    figures: (ms, size) => `${ms} · modèle de ${size}`, verify: 'Autotest', verifying: 'Test en cours…',
    verified: (right, all) => `${right} phrases connues sur ${all} comme attendu`,
    lacking: words => `Le modèle a perdu ${words}, ajouté à la fin.`, failed: reason => `Cela ne fonctionne pas ici : ${reason}`,
  },
  ko: {
    title: '내 기기에서 번역', interface: '화면 언어', swap: '언어 바꾸기', clear: '지우기', copy: '복사', copied: '복사됨',
    hint: '번역문의 단어를 가리키면 원문의 어느 단어에서 왔는지 보입니다.', placeholder: '글을 입력하거나 붙여 넣으세요',
    loading: size => `모델을 불러오는 중, ${size} …`, ready: '입력한 글은 이 기기를 떠나지 않습니다.',
    offline: '입력한 글은 이 기기를 떠나지 않습니다. 오프라인에서도 작동합니다.',
    figures: (ms, size) => `${ms} · 모델 ${size}`, verify: '자체 검사', verifying: '검사 중 …',
    verified: (right, all) => `알려진 문장 ${all}개 중 ${right}개가 예상과 같음`,
    lacking: words => `모델이 ${words}을(를) 빠뜨려 끝에 붙였습니다.`, failed: reason => `여기서는 작동하지 않습니다: ${reason}`,
  },
};

export const LANGUAGES = Object.keys(WORDS);
export const wordsOf = language => WORDS[language];
