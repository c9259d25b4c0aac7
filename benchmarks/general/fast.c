#include <stdint.h>
typedef int64_t i64; typedef uint16_t u16;
i64 place(const i64*s,const i64*t,i64 n,i64 width,i64 count,i64*row,i64*at_s,i64*at_t){
  i64 fs[64],ft[64],num[64]; i64 rows=0; for(i64 j=0;j<count;j++){fs[j]=ft[j]=0;num[j]=-1;}
  for(i64 i=0;i<n;i++){ i64 best=-1,bl=1LL<<60,full=0,fl=1LL<<60;
    for(i64 j=0;j<count;j++){ i64 left=fs[j]+ft[j]; if(left<fl){full=j;fl=left;}
      if(num[j]>=0&&fs[j]>=s[i]&&ft[j]>=t[i]&&left<bl){best=j;bl=left;} }
    if(best<0){best=full;num[best]=rows;fs[best]=width;ft[best]=width;rows++;}
    row[i]=num[best];at_s[i]=width-fs[best];at_t[i]=width-ft[best];fs[best]-=s[i];ft[best]-=t[i]; }
  return rows; }
void is_fine(const uint8_t*hard,i64 n,const u16*sf,const i64*ss,const i64*sl,const u16*rf,const i64*rs,const i64*rl,const u16*ff,const i64*fs,const i64*fl,uint8_t*fine){
  for(i64 i=0;i<n;i++){ i64 m=fl[i],w=rl[i]; fine[i]=0; if(m==0||m<0.4*w-3||m>2.0*w+6)continue; int good=1; const u16*f=ff+fs[i],*r=rf+rs[i],*s=sf+ss[i];
    for(i64 p=1;p<5;p++){i64 run=0;for(i64 j=p;j<m;j++){run=f[j]==f[j-p]?run+1:0;if(run>=3*p&&run>3)good=0;}}
    for(i64 j=0;j<sl[i]&&good;j++) if(hard[s[j]]){int sh=0,k=0;for(i64 q=0;q<w;q++)sh|=r[q]==s[j];for(i64 q=0;q<m;q++)k|=f[q]==s[j];if(sh&&!k)good=0;}
    fine[i]=good; } }
