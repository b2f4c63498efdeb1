from django.contrib.auth.views import LoginView


class SignInView(LoginView):
    redirect_authenticated_user = True
